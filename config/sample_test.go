package config

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite docs/config.md")

func TestDocsConfigIsUnchanged(t *testing.T) {
	const path = "../docs/config.md"
	if *update {
		write(t, path, Markdown())
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), Markdown()); diff != "" {
		t.Errorf("%s differs from the tags in config.go; run go test ./config -update (-written +wanted):\n%s", path, diff)
	}
}

func TestSampleHoldsTheDefaults(t *testing.T) {
	c := mustLoad(t, Sample())
	want := Defaults()
	want.SMTP.Hostname = machineName()
	if diff := cmp.Diff(want, c, settings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, s := range c.Effective() {
		if s.Source != FromFile {
			t.Errorf("%s is missing in the sample", s.Key)
		}
	}
	for line := range strings.Lines(Sample()) {
		if len(line) > 120 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
}

func TestShowCanBeLoaded(t *testing.T) {
	c := mustLoad(t, "domain: bcc.example.com\nsmtp: {tls: {cert_file: 'C: \"odd\" #1.pem', key_file: 'yes'}}\nlmtp: {listen: 'unix:/run/x y.sock'}\n")
	again := mustLoad(t, c.Show())
	if diff := cmp.Diff(c, again, settings); diff != "" {
		t.Errorf("after loading\n%s(-want +got):\n%s", c.Show(), diff)
	}
}

func TestEverySettingIsDescribed(t *testing.T) {
	variables := map[string]string{}
	for _, f := range fields(Defaults()) {
		if doc := f.doc(); doc == "" || !strings.HasSuffix(doc, ".") {
			t.Errorf("%s: doc %q is no sentence", f.key, doc)
		}
		if other := variables[f.env()]; other != "" {
			t.Errorf("%s and %s share the variable %s", f.key, other, f.env())
		}
		variables[f.env()] = f.key
		for _, tag := range []string{"min", "max"} {
			if text, isSet := f.tag.Lookup(tag); isSet {
				if _, ok := f.bound(tag, f.value); !ok {
					t.Errorf("%s: the tag %s:%q cannot be read", f.key, tag, text)
				}
			}
		}
		if f.value.CanInt() {
			if err := f.withinBounds(f.value); err != nil {
				t.Errorf("%s: the default: %v", f.key, err)
			}
			if f.tag.Get("min") == "" || f.tag.Get("max") == "" {
				t.Errorf("%s: a number without bounds", f.key)
			}
		}
		if f.value.Kind() == reflect.Slice && f.value.IsNil() {
			t.Errorf("%s: the default shows as null, not as []", f.key)
		}
	}
}

func TestDuration(t *testing.T) {
	test := func(in, want string) {
		t.Helper()
		var d Duration
		if err := d.UnmarshalText([]byte(in)); err != nil {
			t.Errorf("%q: %v", in, err)
		} else if d.String() != want {
			t.Errorf("%q: got %s, want %s", in, d, want)
		}
	}
	test("30d", "30d")
	test("2w", "14d")
	test("36h", "1d12h")
	test("1d 12h", "1d12h")
	test("90S", "1m30s")
	test("1500ms", "1s500ms")
	test("0", "0")
	test("0s", "0")
	for _, bad := range []string{"", " ", "d", "5", "5x", "1.5h", "-1h", "1h2", "999999999999d", "106751d24h", "9223372036854775808s"} {
		d := Duration(7)
		if err := d.UnmarshalText([]byte(bad)); err == nil || d != 7 {
			t.Errorf("%q: got %v, error %v; want an error and no change", bad, d, err)
		}
	}
}

func TestSize(t *testing.T) {
	test := func(in string, want Size, shown string) {
		t.Helper()
		var s Size
		if err := s.UnmarshalText([]byte(in)); err != nil {
			t.Errorf("%q: %v", in, err)
		} else if s != want || s.String() != shown {
			t.Errorf("%q: got %d (%s), want %d (%s)", in, s, s, want, shown)
		}
	}
	test("36700160", 36700160, "35MiB")
	test("35MiB", 36700160, "35MiB")
	test("35 mib", 36700160, "35MiB")
	test("35MB", 35_000_000, "35000000")
	test("1kB", 1000, "1000")
	test("512B", 512, "512")
	test("0", 0, "0")
	for _, bad := range []string{"", "MiB", "35M", "1.5MiB", "-1", "99999999999GiB", "9223372036854775808"} {
		s := Size(7)
		if err := s.UnmarshalText([]byte(bad)); err == nil || s != 7 {
			t.Errorf("%q: got %d, error %v; want an error and no change", bad, s, err)
		}
	}
}
