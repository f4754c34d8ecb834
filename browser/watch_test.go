package browser_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// watch notes what no page of ours may do.
type watch struct {
	t      *testing.T
	own    string            // address of our pages
	answer func(accept bool) // answers a dialog

	mu      sync.Mutex
	allowed []string // other addresses
	asked   string   // the dialog that is expected
	trouble []string
}

// see takes an event of the browser. It must not block.
func (w *watch) see(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.note("a script threw: %s", thrown(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			w.note("console.error: %s", described(e.Args))
		}
	case *log.EventEntryAdded:
		// That a page answers 404 or 422 is said in the log, too: tests ask for it.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			w.note("the browser complains: %s (%s)", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if !w.mayLoad(e.Request.URL) {
			w.note("%s asked for %s", e.DocumentURL, e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 && e.Type != network.ResourceTypeDocument && e.Type != network.ResourceTypeFetch && e.Type != network.ResourceTypeXHR {
			w.note("%s answered %d", e.Response.URL, e.Response.Status)
		}
	case *page.EventJavascriptDialogOpening:
		w.dialog(e)
	}
}

func thrown(e *runtime.ExceptionDetails) string {
	if e.Exception == nil {
		return e.Text
	}
	return e.Text + " " + e.Exception.Description
}

func described(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		words = append(words, fmt.Sprint(a.Description, string(a.Value)))
	}
	return strings.Join(words, " ")
}

func (w *watch) mayLoad(url string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, start := range append([]string{w.own + "/", "data:", "about:", "blob:" + w.own}, w.allowed...) {
		if strings.HasPrefix(url, start) {
			return true
		}
	}
	return false
}

func (w *watch) allow(urls ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.allowed = urls
}

// allow lets the pages load from other servers, forbid no longer.
func (b *tab) allow(urls ...string) { b.watch.allow(urls...) }
func (b *tab) forbid()              { b.watch.allow() }

// expect says yes to the next dialog, which asks this.
func (b *tab) expect(question string) {
	b.watch.mu.Lock()
	defer b.watch.mu.Unlock()
	b.watch.asked = question
}

func (w *watch) dialog(e *page.EventJavascriptDialogOpening) {
	w.mu.Lock()
	expected := w.asked != "" && strings.Contains(e.Message, w.asked) && e.Type == page.DialogTypeConfirm
	w.asked = ""
	w.mu.Unlock()
	if !expected {
		w.note("a dialog opened: %s %q", e.Type, e.Message)
	}
	w.answer(expected)
}

func (b *tab) answer(accept bool) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: accept}); err != nil {
		b.watch.note("answer a dialog: %v", err)
	}
}

func (w *watch) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = append(w.trouble, fmt.Sprintf(format, args...))
}

func (w *watch) troubles() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble
}

func (w *watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = nil
}

// report fails the test for each thing that was noted.
func (w *watch) report() {
	for _, text := range w.troubles() {
		w.t.Error(text)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked != "" {
		w.t.Errorf("nobody asked %q", w.asked)
	}
}
