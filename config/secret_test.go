package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestPasswordsAreMasked(t *testing.T) {
	for _, dsn := range []string{
		"postgres://app:s3cret@db.example/blindcopy?sslmode=require",
		"postgresql://db.example/blindcopy?user=app&password=s3cret&sslmode=require",
		"file:blindcopy.db?_auth_pass=s3cret",
		"file:blindcopy.db?_auth_pass='and more s3cret'",
	} {
		c := mustLoad(t, "", "BLINDCOPY_DATABASE="+dsn)
		asJSON, err := json.Marshal(c.Effective())
		if err != nil {
			t.Fatal(err)
		}
		for form, text := range map[string]string{"Show": c.Show(), "JSON": string(asJSON), "DatabaseName": c.DatabaseName()} {
			if strings.Contains(text, "s3cret") || !strings.Contains(text, "xxxxx") {
				t.Errorf("%s of %s shows the password or hides that there is one:\n%s", form, dsn, text)
			}
		}
		if c.Database != dsn {
			t.Errorf("Database = %q, want %q", c.Database, dsn)
		}
	}
}

// TestASecretOfItsOwnKindIsMaskedWhole: what is no database URL has no part that may be shown.
func TestASecretOfItsOwnKindIsMaskedWhole(t *testing.T) {
	var holder struct {
		Token string `key:"token" secret:"yes"`
	}
	f := walk("", "", reflect.ValueOf(&holder).Elem())[0].fields[0]
	if got := f.masked(); got != "" {
		t.Errorf("no secret shows as %q", got)
	}
	holder.Token = "s3cret"
	if got := f.masked(); got != masked {
		t.Errorf("a secret shows as %q, want %q", got, masked)
	}
}

func TestSecretFromAFile(t *testing.T) {
	const dsn = "postgres://app:s3cret@db.example/blindcopy"
	file := filepath.Join(t.TempDir(), "database")
	write(t, file, dsn+"\r\n")

	test := func(rule, yaml string, environ []string, want string, source Source) {
		t.Helper()
		c := mustLoad(t, yaml, environ...)
		if c.Database != want || c.sources["database"] != source {
			t.Errorf("%s: got %q from %q, want %q from %q", rule, c.Database, c.sources["database"], want, source)
		}
		if strings.Contains(c.Show(), "s3cret") {
			t.Errorf("%s: shown:\n%s", rule, c.Show())
		}
	}
	test("a variable names the file", "", []string{"BLINDCOPY_DATABASE_FILE=" + file}, dsn, FromEnvironment)
	test("a key names the file", "database_file: "+file, nil, dsn, FromFile)
	test("the environment is stronger", "database_file: "+file, []string{"BLINDCOPY_DATABASE=own.db"}, "own.db", FromEnvironment)
	test("whichever way it says it", "database: own.db", []string{"BLINDCOPY_DATABASE_FILE=" + file}, dsn, FromEnvironment)
	test("a variable set to nothing", "database: own.db", []string{"BLINDCOPY_DATABASE_FILE="}, "own.db", FromFile)
}

func TestBadSecretFile(t *testing.T) {
	dir := t.TempDir()
	test := func(content, want string) {
		t.Helper()
		file := filepath.Join(dir, "database")
		_ = os.Remove(file)
		if content != "" {
			write(t, file, content)
		}
		_, err := Load(Options{Environ: []string{"BLINDCOPY_DATABASE_FILE=" + file}, Dir: dir, SystemDir: dir})
		sameSentence(t, err, "database_file (environment, BLINDCOPY_DATABASE_FILE): "+strings.ReplaceAll(want, "FILE", file), content)
	}
	test("", "FILE cannot be read: no such file or directory")
	test(" \n", "FILE is empty")
	test("postgres://u:s3cret@db/x\nand more\n", "FILE holds more than one line of text")
	test("mysql://u:s3cret@db/x\n", "is of a kind that is not known here; write a path (SQLite) or a postgres URL")
	test(strings.Repeat("x", maxSecret+1), "FILE is larger than 64KiB and so not what is looked for")

	_, err := load(t, "database: a.db\ndatabase_file: b")
	if err == nil || !strings.Contains(err.Error(), "database_file") || !strings.Contains(err.Error(), "stands beside database; set one of the two") {
		t.Errorf("both in one place: got %v", err)
	}
	_, err = load(t, "smtp: {hostname_file: x}")
	if err == nil || !strings.Contains(err.Error(), "unknown key") {
		t.Errorf("a file for what is no secret: got %v", err)
	}
}
