package browser_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a step may take on a machine that has much else to do.
const patience = 30 * time.Second

// tab is a tab of the browser that one person uses. A step that fails ends the test.
type tab struct {
	t     *testing.T
	site  *site
	ctx   context.Context
	watch *watch
}

// tab opens a tab with cookies of its own, as wide as a desk. Until the test ends it watches that the pages load
// nothing from elsewhere, break no policy of theirs and throw nothing.
func (w world) tab(t *testing.T, s *site) *tab {
	t.Helper()
	b := &tab{t: t, site: s, watch: &watch{t: t, own: s.url}}
	ctx, cancel := chromedp.NewContext(w.chromium, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.watch.see))
	t.Cleanup(cancel)
	b.ctx = ctx
	b.watch.answer = func(accept bool) { go b.answer(accept) }
	err := chromedp.Do(ctx)
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	}
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b.looks(desktop, "light")
	t.Cleanup(b.watch.report)
	return b
}

// screen is the size of a window.
type screen struct {
	name          string
	width, height int64
}

var (
	phone   = screen{"phone", 390, 844}
	desktop = screen{"desktop", 1280, 900}
)

// looks sets the size of the window, and the colours that the person prefers: light or dark.
func (b *tab) looks(s screen, colours string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.name == phone.name})
	if err == nil {
		_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: colours}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	}
	if err != nil {
		b.t.Fatalf("look as on a %s in %s colours: %v", s.name, colours, err)
	}
}

// do carries out one step.
func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail(what, err)
	}
}

// goes carries out one step that leads to another page, and returns its status.
func (b *tab) goes(what string, steps ...chromedp.Action[chromedp.Void]) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		b.fail(what, err)
	}
	return int(response.Status)
}

// fail ends the test, and keeps a picture of where.
func (b *tab) fail(what string, err error) {
	b.t.Helper()
	b.keep("failed-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
	b.t.Fatalf("%s: %v\nat %s, which says:\n%s\n%s", what, err, b.at(), b.text(), strings.Join(b.watch.troubles(), "\n"))
}

// visit types an address, and returns the status of the page.
func (b *tab) visit(path string) int {
	b.t.Helper()
	url := path
	if strings.HasPrefix(path, "/") {
		url = b.site.url + path
	}
	return b.goes("visit "+path, chromedp.Navigate(url))
}

// signs begin a CSS selector or an XPath. What begins otherwise is words.
const signs = "#.[/"

// on finds what a person would press: a button, link or summary by its words, or anything by a selector.
func on(what string) chromedp.Search {
	if strings.ContainsAny(what[:1], signs) {
		return chromedp.Search(what)
	}
	return chromedp.Search(fmt.Sprintf("//*[self::a or self::button or self::summary][normalize-space()=%s]", quoted(what)))
}

// field finds a field by its label.
func field(label string) chromedp.Search {
	if strings.ContainsAny(label[:1], signs) {
		return chromedp.Search(label)
	}
	name := quoted(label)
	return chromedp.Search(fmt.Sprintf("//*[self::input or self::textarea or self::select][@id=//label[starts-with(normalize-space(),%s)]/@for or ancestor::label[starts-with(normalize-space(),%s)] or @aria-label=%s]", name, name, name))
}

// quoted is a text as XPath writes it.
func quoted(text string) string {
	if strings.Contains(text, `"`) {
		return "'" + text + "'"
	}
	return `"` + text + `"`
}

// press presses what leads to another page, and returns its status.
func (b *tab) press(what string) int {
	b.t.Helper()
	b.settle()
	return b.goes("press "+what, chromedp.Click(on(what)))
}

// click presses what stays on the page.
func (b *tab) click(what string) {
	b.t.Helper()
	b.settle()
	b.do("click "+what, chromedp.Click(on(what)))
}

// settle waits until what was fetched is in its place and listens to the mouse. No person is as quick as a test.
func (b *tab) settle() {
	b.t.Helper()
	b.until("settle", func() bool {
		return eval[bool](b, `document.readyState === "complete" && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling") &&
			document.getAnimations().length === 0`)
	})
}

// fill types into a field, after what was in it is gone.
func (b *tab) fill(label, text string) {
	b.t.Helper()
	b.do("find "+label, chromedp.Focus(field(label), chromedp.NodeVisible))
	eval[bool](b, "document.activeElement.select(), true")
	b.keys(text)
}

// choose sets a select by the value of its option.
func (b *tab) choose(label, value string) {
	b.t.Helper()
	b.do("choose "+label, chromedp.SetValue(field(label), value))
}

// upload chooses a file.
func (b *tab) upload(label, file string) {
	b.t.Helper()
	b.do("choose the file "+file, chromedp.SetUploadFiles(field(label), []string{file}))
}

// keys presses keys, one after the other.
func (b *tab) keys(keys string) {
	b.t.Helper()
	b.do("press the keys "+keys, pressed(keys))
}

// goesBy presses a key that leads to another page, and returns its status.
func (b *tab) goesBy(key string) int {
	b.t.Helper()
	return b.goes("press the key "+key, pressed(key))
}

// pressed presses keys as a keyboard does: a key that a page took for itself types nothing. With chromedp.KeyEvent it
// would.
func pressed(keys string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			events := kb.Encode(r)
			down, up := events[0], events[len(events)-1]
			if len(events) == 3 {
				down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
			}
			for _, event := range []*input.DispatchKeyEventParams{down, up} {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *event); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// text is what stands on the page for people.
func (b *tab) text() string { return eval[string](b, "document.body ? document.body.innerText : ''") }

// at is the address of the page.
func (b *tab) at() string { return strings.TrimPrefix(eval[string](b, "location.href"), b.site.url) }

// eval asks the page.
func eval[T any](b *tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %.200s: %v", script, err)
	}
	return v
}

// sees waits until the texts stand on the page.
func (b *tab) sees(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.until(fmt.Sprintf("see %q", text), func() bool { return strings.Contains(flat(b.text()), flat(text)) })
	}
}

// seesNot says that the page is there and these texts are not on it.
func (b *tab) seesNot(texts ...string) {
	b.t.Helper()
	page := flat(b.text())
	for _, text := range texts {
		if strings.Contains(page, flat(text)) {
			b.fail("", fmt.Errorf("the page says %q", text))
		}
	}
}

// flat has one space where there are several, or lines end.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// until waits for a state of the page.
func (b *tab) until(what string, yes func() bool) {
	b.t.Helper()
	for end := time.Now().Add(patience); !yes(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.fail(what, context.DeadlineExceeded)
		}
	}
}

// want compares a status.
func (b *tab) want(what string, got, want int) {
	b.t.Helper()
	if got != want {
		b.fail(what, fmt.Errorf("got status %d, want %d", got, want))
	}
}

// download asks for a path with the cookies of the tab, as a click on a link to a file does.
func (b *tab) download(path string) reply {
	b.t.Helper()
	return eval[reply](b, fmt.Sprintf(`fetch(%q).then(async r => ({status: r.status, type: r.headers.get("content-type") || "",
		disposition: r.headers.get("content-disposition") || "", policy: r.headers.get("content-security-policy") || "", text: await r.text()}))`, path))
}

// reply is what a path answers with.
type reply struct {
	Status                          int
	Type, Disposition, Policy, Text string
}
