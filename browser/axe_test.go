package browser_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed testdata/axe/axe.min.js
var axe string

// finding is what axe found wrong.
type finding struct {
	ID, Impact, Help string
	Nodes            []string // the elements, as HTML, and what is wrong with each
}

// accessible fails for each finding on the page as it is. rules are those to ask, none: all. Frames are left out: what
// stands in them is mail.
func (b *tab) accessible(what string, rules ...string) {
	b.t.Helper()
	for _, f := range b.findings(rules...) {
		b.t.Errorf("%s, %s: %s (%s)\n    %s", what, f.Impact, f.Help, f.ID, strings.Join(f.Nodes, "\n    "))
	}
}

func (b *tab) findings(rules ...string) []finding {
	b.t.Helper()
	if !eval[bool](b, "'axe' in window") {
		eval[bool](b, axe+";true")
	}
	options := map[string]any{"iframes": false, "resultTypes": []string{"violations"}}
	if len(rules) > 0 {
		options["runOnly"] = rules
	}
	text, err := json.Marshal(options)
	if err != nil {
		b.t.Fatal(err)
	}
	return eval[[]finding](b, fmt.Sprintf(`axe.run(document, %s).then(r => r.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help,
		Nodes: v.nodes.map(n => n.html.slice(0, 200) + "\n      " + n.failureSummary.replace(/\s+/g, " ").slice(0, 300))})))`, text))
}

// fits fails if the page has to be pushed sideways.
func (b *tab) fits(what string) {
	b.t.Helper()
	if wide := b.tooWide(); wide > 0 {
		b.t.Errorf("%s is %d px wider than its window", what, wide)
	}
}

func (b *tab) tooWide() int {
	// Not innerWidth: a phone's grows with what does not fit.
	return eval[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth")
}

// showsFocus fails for what the keyboard reaches and nobody sees.
func (b *tab) showsFocus(what string) {
	b.t.Helper()
	for _, element := range b.unseenFocus() {
		b.t.Errorf("%s: %s", what, element)
	}
}

func (b *tab) unseenFocus() []string {
	b.t.Helper()
	return eval[[]string](b, `(() => {
		const at = document.activeElement, blind = [];
		for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
			if (!e.checkVisibility({visibilityProperty: true}) || e.disabled) continue;
			e.focus({focusVisible: true, preventScroll: true});
			const s = getComputedStyle(e), box = e.getBoundingClientRect();
			if (document.activeElement !== e) blind.push("takes no focus: " + e.outerHTML.slice(0, 150));
			else if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) blind.push("shows no focus: " + e.outerHTML.slice(0, 150));
			else if (box.width < 1 || box.height < 1) blind.push("is too small to be seen: " + e.outerHTML.slice(0, 150));
		}
		if (at) at.focus({preventScroll: true}); else document.activeElement.blur();
		return blind;
	})()`)
}
