package message

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// checkCost fails if work takes longer, or allocates more bytes, than it may. The bounds are generous, for a busy
// machine: what fails them is of another order.
func checkCost(t *testing.T, name string, most time.Duration, mostBytes int, work func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	work()
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if most *= raceFactor; took > most {
		t.Errorf("%s: took %v, want at most %v", name, took, most)
	}
	if allocated := int(after.TotalAlloc - before.TotalAlloc); allocated > mostBytes {
		t.Errorf("%s: allocated %d MB, want at most %d MB", name, allocated>>20, mostBytes>>20)
	}
}

// checkLinear fails if work on a megabyte takes longer than any linear work: quadratic takes a minute and more.
func checkLinear(t *testing.T, name string, work func()) {
	t.Helper()
	checkCost(t, name, 10*time.Second, 1<<30, work)
}

// hostileBodies are texts of 1 MB that make careless parsers quadratic.
func hostileBodies() map[string]string {
	fill := func(s string) string { return strings.Repeat(s, forwardLimit/len(s)) }
	return map[string]string{
		"quote marks":         fill("> "),
		"quoted lines":        fill("> \n"),
		"line feeds":          fill("\n"),
		"labels":              fill("From: a\n"),
		"labels in one line":  "----- Forwarded Message ----- From: a@b.example " + fill("To:x "),
		"glued labels":        "From: a@b.example" + fill("aTo:"),
		"open brackets":       "From: " + fill("<"),
		"open lines":          "From: a <\nTo: b,\n" + fill("x,\n"),
		"at signs":            "From: x\nDate: y\nTo: " + fill("@"),
		"commas":              "From: a@b.example\nTo: " + fill(","),
		"quotes":              "From: a@b.example\nTo: " + fill("\","),
		"colons":              fill("On 1.1.2024 10:00 a@b.example:\n "),
		"almost attributions": fill("On 1.1.2024 10:00\nfoo:\n"),
		"markers":             fill("-- Forwarded message --\n"),
		"one marker":          fill("-"),
		"dashes and words":    fill("- a "),
		"date fields":         fill("From: a\nDate: 1 1 1 1 1 1 1 1 1 1\n\n"),
		"two labels a line":   fill("From: a To: b\n"),
		"marked two labels":   fill("---- Forwarded message ---- From: a To: b\n"),
		"guesses":             fill("a: b@c.example 1 1 1 1 1 1 1 1 1 1 1 1\n"),
		"continued dates":     "From: a\n" + fill("a: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"),
		"open marked lines":   fill("---- x ----\nTo: <\n"),
		"open forwards":       fill("---- forwarded message ----\nTo: <\nFrom: <\n"),
		"open authors":        fill("---- x ----\nFrom: <\nx\nDate: x\nx\nDate:x\n"),
		"dates again":         "From: x\n" + fill("Date: x\n"),
		"open dates again":    fill("---- x ----\nFrom: x\n") + fill("Date: x\nx\n"),
		"tags":                fill("<div>"),
		"links":               fill("<a href=mailto:a@b.example>"),
		"tables":              fill("<td>From:</td>"),
		"attributes":          "<a " + fill("x=y "),
		"label characters":    fill("ſ:ſ "),
		"accents":             fill("e\u0301"),
	}
}

func TestAddressListIsLinear(t *testing.T) {
	for name, body := range hostileBodies() {
		checkLinear(t, name, func() { ParseAddressList(body) })
	}
}

func TestSubjectIsLinear(t *testing.T) {
	hostile := hostileBodies()
	fill := func(s string) string { return strings.Repeat(s, forwardLimit/len(s)) }
	hostile["prefixes"] = fill("Re: ")
	hostile["wrappers"] = fill("[Fwd: ") + fill("]")
	hostile["trailers"] = fill("(fwd)")
	hostile["different tags"] = manyTags()
	for name, subject := range hostile {
		checkLinear(t, name, func() {
			BaseSubject(subject)
			SplitSubject(subject)
		})
	}
}

func manyTags() string {
	var b strings.Builder
	for i := 0; b.Len() < forwardLimit; i++ {
		b.WriteString("[" + strconv.Itoa(i) + "] ")
	}
	return b.String()
}
