// Package blindcopy_test holds the rules that no single package can hold.
package blindcopy_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module       = "blindcopy"
	architecture = "docs/architecture.md"
	anyRoom      = "*"
)

// room is what one row of the table in docs/architecture.md allows.
type room struct {
	rooms   []string
	modules []string
}

// plan is both tables: what the code of a room may import, and what its tests
// may besides.
type plan struct {
	code  map[string]room
	tests map[string]room
}

// TestArrows parses the imports of every Go file and compares them with the
// tables in docs/architecture.md.
func TestArrows(t *testing.T) {
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	p := plan{
		code:  table(t, string(text), "| room |"),
		tests: table(t, string(text), "| tests of |"),
	}
	for _, file := range goFiles(t, ".") {
		dir := filepath.ToSlash(filepath.Dir(file))
		from := p.roomOf(dir)
		if from == "" && dir != "." {
			t.Errorf("%s: the folder is no room of the table in %s", file, architecture)
			continue
		}
		for _, imported := range imports(t, file) {
			if !p.allows(from, imported, strings.HasSuffix(file, "_test.go")) {
				t.Errorf("%s imports %s, which the table in %s does not allow for %q", file, imported, architecture, from)
			}
		}
	}
}

// TestArrowsHoldTheRule checks the checker, on tables that say what it must mean.
func TestArrowsHoldTheRule(t *testing.T) {
	p := plan{
		code: table(t, strings.Join([]string{
			"| room | may import rooms | modules | for |",
			"|---|---|---|---|",
			"| `top` | * | | |",
			"| `side` | `low` | `example.org/lib` | |",
			"| `side/suite` | `low` `side` | | |",
			"| `low` | | `example.org/lib/part` | |",
			"", "| `after` | `top` | | |",
		}, "\n"), "| room |"),
		tests: table(t, "| tests of | rooms | modules |\n|---|---|---|\n| * | | `example.org/check` |\n| `low` | `side` | |\n", "| tests of |"),
	}
	test := func(rule string, want bool, from, imported string, isTest bool) {
		t.Helper()
		if got := p.allows(from, imported, isTest); got != want {
			t.Errorf("%s: %s imports %s: got %t, want %t", rule, from, imported, got, want)
		}
	}
	const code, inTest = false, true
	test("the standard library is everybody's", true, "low", "net/http", code)
	test("C is nobody's", false, "low", "C", code)
	test("an arrow of the table", true, "side", "blindcopy/low", code)
	test("an arrow up", false, "low", "blindcopy/side", code)
	test("an arrow up, in a test that may", true, "low", "blindcopy/side", inTest)
	test("a package inside a room belongs to it", true, "side", "blindcopy/low/deep", code)
	test("unless it has a row", false, "side", "blindcopy/side/suite", code)
	test("the room itself", true, "side", "blindcopy/side/deep", code)
	test("all rooms", true, "top", "blindcopy/side/suite", code)
	test("a folder that is no room", false, "top", "blindcopy/utils", code)
	test("a row after the table's end", false, "after", "blindcopy/top", code)
	test("a module", true, "side", "example.org/lib/v", code)
	test("a name that only starts alike", false, "side", "example.org/library", code)
	test("a part of a module", true, "low", "example.org/lib/part", code)
	test("another part", false, "low", "example.org/lib/other", code)
	test("a module for tests, in code", false, "low", "example.org/check", code)
	test("a module for tests, in a test", true, "low", "example.org/check", inTest)
}

// allows tells whether a file in room from may import a path.
func (p plan) allows(from, imported string, isTest bool) bool {
	if p.code[from].allows(p, from, imported) {
		return true
	}
	return isTest && (p.tests[from].allows(p, from, imported) || p.tests[anyRoom].allows(p, from, imported))
}

func (r room) allows(p plan, from, imported string) bool {
	if dir, isOurs := strings.CutPrefix(imported, module+"/"); isOurs {
		to := p.roomOf(dir)
		return to != "" && (to == from || slices.Contains(r.rooms, to) || slices.Contains(r.rooms, anyRoom))
	}
	if isStandard := !strings.Contains(strings.Split(imported, "/")[0], "."); isStandard {
		return imported != "C"
	}
	return slices.ContainsFunc(r.modules, func(m string) bool { return isWithin(imported, m) })
}

// roomOf returns the room that a folder belongs to: the nearest one above it
// that has a row. It returns "" if there is none.
func (p plan) roomOf(dir string) string {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, isRoom := p.code[dir]; isRoom {
			return dir
		}
	}
	return ""
}

func isWithin(imported, module string) bool {
	return imported == module || strings.HasPrefix(imported, module+"/")
}

// table reads the rows of the Markdown table whose heading starts with head:
// name, rooms, modules. Names stand in backquotes or are an asterisk.
func table(t *testing.T, text, head string) map[string]room {
	t.Helper()
	_, body, found := strings.Cut("\n"+text, "\n"+head)
	if !found {
		t.Fatalf("no table starts with %q", head)
	}
	rows := map[string]room{}
	for _, line := range strings.Split(body, "\n")[2:] { // past the heading and its rule
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(line, "|")
		if len(cells) < 5 || len(names(cells[1])) != 1 {
			t.Fatalf("a row of the table %q that cannot be read: %s", head, line)
		}
		rows[names(cells[1])[0]] = room{rooms: names(cells[2]), modules: names(cells[3])}
	}
	if len(rows) == 0 {
		t.Fatalf("the table %q is empty", head)
	}
	return rows
}

func names(cell string) []string {
	return strings.Fields(strings.ReplaceAll(cell, "`", ""))
}

// goFiles lists the Go files under root, without those that no build reads.
func goFiles(t *testing.T, root string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && file != root && (name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_') {
			return filepath.SkipDir
		}
		if entry.IsDir() && file != root {
			// A module of its own imports what it likes: nothing of it is in the program.
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil {
				return filepath.SkipDir
			}
		}
		if !entry.IsDir() && strings.HasSuffix(name, ".go") {
			files = append(files, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatalf("read the imports of %s: %v", file, err)
	}
	var paths []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatalf("%s: import %s: %v", file, spec.Path.Value, err)
		}
		paths = append(paths, imported)
	}
	return paths
}
