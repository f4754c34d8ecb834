package web

import "html/template"

// icons are drawn on a grid of 24 with a line of 1.75. They stand in the page itself, for they are smaller than an
// address, and take the colour of the text.
var icons = map[string]string{
	"home":       `<path d="M4 11.5 12 5l8 6.5M6 10v9h4.5v-5h3v5H18v-9"/>`,
	"review":     `<path d="M4 13h4l1.5 3h5l1.5-3h4M4 13l2.5-8h11L20 13v6H4z"/>`,
	"contacts":   `<circle cx="12" cy="8.5" r="3.5"/><path d="M5 19.5c.6-3.6 3.4-5.5 7-5.5s6.400 1.900 7 5.500"/>`,
	"companies":  `<path d="M5 20V5h9v15M14 9h5v11M3 20h18M8 8.500h3M8 12h3M8 15.500h3"/>`,
	"leads":      `<path d="M4 5h16l-6 7.500V19l-4-2v-4.500z"/>`,
	"deals":      `<path d="M4 8h16v11H4zM9 8V5h6v3M4 13h16"/>`,
	"address":    `<circle cx="12" cy="12" r="3.500"/><path d="M15.500 8.500v4.500c0 3.500 4.500 2.500 4.500-1a8 8 0 1 0-3.500 6.600"/>`,
	"numbers":    `<path d="M4 20h16M7 16v-5M12 16V6M17 16v-8"/>`,
	"settings":   `<path d="M4 7h9M17 7h3M4 12h3M11 12h9M4 17h9M17 17h3"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="12" r="2"/><circle cx="15" cy="17" r="2"/>`,
	"search":     `<circle cx="11" cy="11" r="6"/><path d="m15.500 15.500 4.500 4.500"/>`,
	"sign-out":   `<path d="M10 5H5v14h5M14 8l4 4-4 4M18 12H9"/>`,
	"menu":       `<path d="M4 7h16M4 12h16M4 17h16"/>`,
	"more":       `<circle cx="6" cy="12" r=".6"/><circle cx="12" cy="12" r=".6"/><circle cx="18" cy="12" r=".6"/>`,
	"attachment": `<path d="m20 11-8 8a5 5 0 0 1-7-7l8.500-8.500a3.300 3.300 0 0 1 4.700 4.700L10 16.500a1.600 1.600 0 0 1-2.300-2.300L15 7"/>`,
	"outgoing":   `<path d="M6 18 18 6M9 6h9v9"/>`,
	"incoming":   `<path d="M18 6 6 18M15 18H6V9"/>`,
	"pin":        `<path d="M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5"/>`,
	"link":       `<path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"/>`,
	"private":    `<path d="M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3"/>`,
	"undo":       `<path d="M8 6 4 10l4 4M4 10h10a5 5 0 0 1 0 10h-3"/>`,
	"download":   `<path d="M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14"/>`,
	"copy":       `<path d="M9 9h11v11H9zM15 9V4H4v11h5"/>`,
	"plus":       `<path d="M12 5v14M5 12h14"/>`,
	"check":      `<path d="m5 12.500 4.500 4.500L19 7.500"/>`,
	"close":      `<path d="m6 6 12 12M18 6 6 18"/>`,
	"why":        `<circle cx="12" cy="12" r="8"/><path d="M9.800 9.700a2.300 2.300 0 1 1 3.300 2.100c-.8.400-1.100.8-1.100 1.700M12 16.300v.1"/>`,
	"warning":    `<path d="M12 4.500 21 19.500H3zM12 10.500v4M12 16.900v.1"/>`,
	"mail":       `<path d="M4 6h16v12H4zM4 7l8 6 8-6"/>`,
	"back":       `<path d="m14 6-6 6 6 6"/>`,
	"next":       `<path d="m10 6 6 6-6 6"/>`,
}

// icon is a drawing beside a word: screen readers are told nothing of it.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">` + icons[name] + `</svg>`)
}
