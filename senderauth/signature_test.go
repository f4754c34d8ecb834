package senderauth

import (
	"fmt"
	"testing"
)

func TestReadSignature(t *testing.T) {
	test := func(rule, value, want string) {
		t.Helper()
		s := readSignature(0, value)
		if got := fmt.Sprintf("%s %s %q %t", s.domain, s.selector, s.signed, s.partial); got != want {
			t.Errorf("%s: got %s, want %s, of %q", rule, got, want, value)
		}
	}
	test("folds and capitals", " v=1; d=\t Corp.Example ;s = a; h=From :\t To", `corp.example a ["from" "to"] false`)
	test("l=", "d=corp.example; l = 0", `corp.example  [] true`)
	test("a tag of another name", "d=corp.example; L=0; bl=1", `corp.example  [] false`)
	test("IDN", "d=bücher.example", `xn--bcher-kva.example  [] false`)
	test("nothing", "", `  [] false`)
}
