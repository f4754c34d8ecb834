//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// buildTags are those of the Makefile: another set compiles SQLite anew.
const buildTags = "sqlite_fts5,sqlite_omit_load_extension,netgo,osusergo"

// TestEndToEnd drives the real binary over real sockets, as mail programs, mail servers, administrators and
// power failures do. The binary is built once.
func TestEndToEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program: not with -short")
	}
	p := build(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, program)
	}{
		{"Corpus", testCorpus},
		{"CorpusAsItIs", testCorpusAsItIs},
		{"Swaks", testSwaks},
		{"TrySaysWhatSendDoes", testTry},
		{"Refusals", testRefusals},
		{"SizeLimit", testSizeLimit},
		{"Bombs", testBombs},
		{"ManyLarge", testManyLarge},
		{"SameMailAtOnce", testSameMailAtOnce},
		{"UnknownPeopleAtOnce", testUnknownPeopleAtOnce},
		{"VisibleAtOnce", testVisibleAtOnce},
		{"SyncedBefore250", testSyncedBefore250},
		{"StrangersLearnNothing", testStrangersLearnNothing},
		{"LMTP", testLMTP},
		{"Recipients", testRecipients},
		{"PrivateMail", testPrivateMail},
		{"CommandsWhileServing", testCommandsWhileServing},
		{"Postfix", testPostfix},
		{"DiskFull", testDiskFull},
		{"DiskReserve", testDiskReserve},
		{"ReadOnlyDisk", testReadOnlyDisk},
		{"InjectedFaults", testInjectedFaults},
		{"DamagedDatabase", testDamagedDatabase},
		{"TwoServersOneDatabase", testTwoServersOneDatabase},
		{"ReadOnlyRoot", testReadOnlyRoot},
		{"LockedDatabase", testLockedDatabase},
		{"Drain", testDrain},
		{"Backup", testBackup},
		{"StopFinishesWhatIsInData", testStop},
		{"TwoServersOnePort", testTwoServersOnePort},
		{"NewerDatabase", testNewerDatabase},
		{"ReadOnlyFolder", testReadOnlyFolder},
		{"UnknownKey", testUnknownKey},
		{"ExitCodes", testExitCodes},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, p) })
	}
}

// program is the path of the binary.
type program string

func build(t *testing.T) program {
	t.Helper()
	file := filepath.Join(openFolder(t), "blindcopy")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", buildTags, "-o", file, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program(file)
}

// openFolder is a temporary folder that other users of the machine may enter, too: Postfix and nobody
// have to.
func openFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// need skips a test on a machine that lacks a program, and says what to install.
func need(t *testing.T, name, debian string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/usr/lib/postfix/sbin/"} {
		if file, err := exec.LookPath(dir + name); err == nil {
			return file
		}
	}
	t.Skipf("%s is missing; Debian, Ubuntu: apt-get install %s", name, debian)
	return ""
}
