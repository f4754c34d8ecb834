package senderauth

import (
	"bytes"
	"strings"
	"testing"

	"blindcopy/crm"
)

func TestOnlyAddress(t *testing.T) {
	test := func(rule, value string, want crm.Address) {
		t.Helper()
		got, ok := onlyAddress(value)
		if got != want || ok != (want != "") {
			t.Errorf("%s: onlyAddress(%q) = %q, %t; want %q", rule, value, got, ok, want)
		}
	}
	test("bare", " ann@corp.example", "ann@corp.example")
	test("of any case", "Ann@Corp.Example", "ann@corp.example")
	test("IDN", "ann@bücher.example", "ann@xn--bcher-kva.example")
	test("with a name", `"Agent, Ann" <ann@corp.example>`, "ann@corp.example")
	test("an unquoted comma in the name", `Agent, Ann <ann@corp.example>`, "ann@corp.example")
	test("an unquoted @ in the name", `ann@corp.example <ann@corp.example>`, "ann@corp.example")
	test("a colon in the name", `Corp: Sales <ann@corp.example>`, "ann@corp.example")
	test("a smile in the name", `Ann :) <ann@corp.example>`, "ann@corp.example")
	test("8-bit name", "Ann\xe9 <ann@corp.example>", "ann@corp.example")
	test("comments", `(a) ann(b@c)@corp.example (d (e) "f")`, "ann@corp.example")
	test("a comment in brackets", `Ann < ann@corp.example (mine) >`, "ann@corp.example")
	test("an escaped quote", `"Ann \" <eve@esp.example>" <ann@corp.example>`, "ann@corp.example")
	test("a comma at the end", `ann@corp.example,`, "ann@corp.example")
	test("nothing", "", "")
	test("a name", "Ann", "")
	test("a quoted address", `"ann@corp.example"`, "")
	test("two", "a@corp.example, b@corp.example", "")
	test("two by semicolon", "a@corp.example; b@corp.example", "")
	test("two pairs of brackets", "<a@corp.example> <b@corp.example>", "")
	test("the same twice", "a@corp.example, a@corp.example", "")
	test("brackets in brackets", "<<a@corp.example>>", "")
	test("a quote that never ends", `"Ann <a@corp.example>`, "")
	test("a comment that never ends", `Ann (sales <a@corp.example>`, "")
	test("brackets that never end", `Ann <a@corp.example`, "")
	test("a control character", "Ann\x1b <a@corp.example>", "")
	test("an address literal", "ann@[192.0.2.1]", "")
	test("commas beyond number", strings.Repeat(",", 1<<20), "")
	test("words beyond number", strings.Repeat("x", 1<<20)+"@corp.example", "")
	test("comments beyond number", strings.Repeat("(", 1<<20), "")
}

// FuzzHeader: a header is divided without loss, and its author is written in it.
func FuzzHeader(f *testing.F) {
	for _, seed := range []string{"Subject: 1\r\nFrom: Ann <ann@corp.example>\r\n\r\nHi", "From: a@b\r\rFrom: c@d\n\n", " From: \"a\\\"@b\" (c) <d@e>\n f\n", "\n", "From:\xff@\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, body := splitHeader(raw)
		var joined []byte
		for _, field := range h.fields {
			joined = append(joined, field.raw...)
		}
		if !bytes.Equal(joined, h.block) || !bytes.HasPrefix(raw, h.block) || !h.over && !bytes.HasSuffix(raw, body) {
			t.Errorf("fields %q and body %q do not make up %q", joined, body, raw)
		}
		author, ok := h.author()
		if !ok {
			return
		}
		if _, isAddress := crm.ParseAddress(string(author)); !isAddress || bytes.Count(bytes.ToLower(h.block), []byte("from")) == 0 {
			t.Errorf("author %q of %q", author, raw)
		}
	})
}
