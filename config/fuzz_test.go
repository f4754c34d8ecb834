package config

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzLoad holds two rules: no file makes Load panic or hang, and what was
// accepted means the same when it is shown and loaded again.
func FuzzLoad(f *testing.F) {
	f.Add(Sample())
	f.Add("domain: x\nsmtp: {listen: [':25', ':26'], read_timeout: 1d}\nsmtp.tls.acme: no\n")
	f.Add("database: 'a\\tb\x7f'\nlinking: {trusted_senders: ['a b@c', é@ö.example]}\n")
	f.Add("web: {public_url: 'http://[::1]:80/%41'}\nsmtp: {hostname: _a-b}\n")
	f.Add("a: &a [*a]\n---\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, yaml string) {
		file := filepath.Join(dir, "blindcopy.yaml")
		write(t, file, yaml)
		c, err := Load(Options{File: file, Environ: []string{}})
		if err != nil || c.Database != mask(c.Database) {
			return
		}
		write(t, file, c.Show())
		again, err := Load(Options{File: file, Environ: []string{}})
		if err != nil {
			t.Fatalf("%q was accepted, its Show is not: %v\n%s", yaml, err, c.Show())
		}
		if diff := cmp.Diff(c, again, settings); diff != "" {
			t.Fatalf("%q means something else when shown and loaded again (-first +again):\n%s", yaml, diff)
		}
	})
}
