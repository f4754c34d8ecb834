package browser_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// buildTags are those of the Makefile: another set compiles SQLite anew.
const buildTags = "sqlite_fts5,sqlite_omit_load_extension,netgo,osusergo"

// TestBrowser uses the pages as people do. The program is built once and Chromium started once; each part has a server
// and a database of its own, and tabs that share no cookies with those of others.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program and a browser: not with -short")
	}
	_ = os.RemoveAll(screens) // pictures of another time deceive
	w := world{program: build(t), chromium: launch(t)}
	for _, part := range []struct {
		name string
		test func(*testing.T, world)
	}{
		{"Tour", testTour}, // the longest first
		{"EmptyTour", testEmptyTour},
		{"Attacks", testAttacks},
		{"AttacksHeld", testAttacksHeld},
		{"Newcomer", testNewcomer},
		{"Invitation", testInvitation},
		{"ReviewByMouse", testReviewByMouse},
		{"ReviewByKeyboard", testReviewByKeyboard},
		{"Rotate", testRotate},
		{"Import", testImport},
		{"Permissions", testPermissions},
		{"Live", testLive},
		{"TestMail", testTestMail},
		{"ShowImages", testShowImages},
		{"Watch", testWatch},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, w)
		})
	}
}

// world is what all parts share.
type world struct {
	program  program
	chromium context.Context
}

// build compiles the program from the module around this one.
func build(t *testing.T) program {
	t.Helper()
	file := filepath.Join(t.TempDir(), "blindcopy")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", buildTags, "-o", file, "./cmd/blindcopy")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program(file)
}

// launch starts Chromium for as long as the test runs.
func launch(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findChromium(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("lang", "en-GB"),
		chromedp.Flag("host-resolver-rules", "MAP "+canaryHost+" 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Env("TZ=Europe/Berlin"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium has none for root
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	chromium, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	if err := chromedp.Do(chromium); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return chromium
}

func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if file, err := exec.LookPath(name); err == nil {
			return file
		}
	}
	t.Skip("Chromium is missing; Debian, Ubuntu: apt-get install chromium")
	return ""
}
