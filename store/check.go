package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// CheckReport is what Check has seen.
type CheckReport struct {
	Intakes    int64          `json:"intakes"`
	Activities int64          `json:"activities"`
	Bodies     int64          `json:"bodies"` // messages whose bytes were read
	Bytes      int64          `json:"bytes"`  // of these
	Findings   []CheckFinding `json:"findings"`
	Omitted    int64          `json:"omitted"` // findings beyond the first 1000
}

// CheckFinding is one thing that is not as it was written.
type CheckFinding struct {
	Kind   string  `json:"kind"`   // one of the Check… constants
	Intake *string `json:"intake"` // whose message it is, if it is one's
	File   *string `json:"file"`   // in the folder of bodies
	Detail string  `json:"detail"`
}

// Kinds of findings.
const (
	CheckStructure = "structure" // the database file itself: pages, indexes, references between tables
	CheckReference = "reference" // a row that refers to nothing, or holds JSON that does not parse
	CheckBody      = "body"      // a message that cannot be read, or is not the one that was received
	CheckOrphan    = "orphan"    // bytes that no intake refers to
)

const (
	checkPage   = 100  // messages read at once: 6 MB of compressed bodies at most
	maxFindings = 1000 // that a report lists
)

// Check reads the whole database and every message in it, and compares each with the SHA-256 that was taken when it
// arrived. It changes nothing and may run beside a server. progress, if there is one, is told how many intakes are done.
// The error is for a check that could not be made; what the check found is in the report.
func (s *Store) Check(ctx context.Context, progress func(intakes int64)) (CheckReport, error) {
	c := checker{Store: s, report: CheckReport{Findings: []CheckFinding{}}, progress: progress}
	for _, step := range []func(context.Context) error{c.structure, c.rows, c.messages, c.orphanRows, c.orphanFiles} {
		err := step(ctx)
		if isCorrupt(err) { // what the check was made for
			c.find(CheckFinding{Kind: CheckStructure, Detail: err.Error()})
			continue
		}
		if err != nil {
			return c.report, wrap(err, "check the database")
		}
	}
	return c.report, nil
}

// QuickCheck looks at the structure of the database file, without indexes and without messages. It returns what is
// wrong, nothing if all is well.
func (s *Store) QuickCheck(ctx context.Context) ([]string, error) {
	lines, err := s.pragmaCheck(ctx, "PRAGMA quick_check(10)")
	if isCorrupt(err) {
		return []string{err.Error()}, nil
	}
	return lines, wrap(err, "check the database")
}

// quickCheckTime is how long a server looks at its database before it takes mail: some hundred megabytes. People wait for a
// restart, and senders do.
const quickCheckTime = 500 * time.Millisecond

// refuseDamaged keeps a server from adding mail to a database that may not give it back.
func (s *Store) refuseDamaged(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, quickCheckTime)
	defer cancel()
	found, err := s.QuickCheck(within)
	switch {
	case len(found) > 0:
		return damaged(s.file, found[0])
	case within.Err() != nil && ctx.Err() == nil:
		s.Log.Info("the database is large: its structure was looked at in part; blindcopy check reads all of it", "for", quickCheckTime)
		return nil
	}
	return err
}

func damaged(file, what string) error {
	return whatToDoAboutDamage(fmt.Errorf("%s: %s", file, what))
}

func whatToDoAboutDamage(err error) error {
	if errors.Is(err, ErrDamaged) {
		return err
	}
	return hinted{fmt.Errorf("%w: %w", ErrDamaged, err), "Stop the server, keep a copy of the files as they are, and go back to the last backup: blindcopy restore FILE."}
}

// noteDamage remembers that the way of a mail met a page that is not as it was written. From then on no mail is taken, until a
// restart has looked at the file: what is added to a damaged database may not come back.
func (s *Store) noteDamage(err error) {
	if err != nil && isCorrupt(err) {
		err = damaged(s.file, err.Error())
		s.damage.CompareAndSwap(nil, &err)
	}
}

// whole returns what is known of damage.
func (s *Store) whole() error {
	if err := s.damage.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *Store) pragmaCheck(ctx context.Context, pragma string) (lines []string, err error) {
	if err := s.reading().list(ctx, &lines, pragma); err != nil {
		return nil, err
	}
	if len(lines) == 1 && lines[0] == "ok" {
		return nil, nil
	}
	return lines, nil
}

// checker is one run of Check.
type checker struct {
	*Store
	report   CheckReport
	progress func(int64)
}

func (c *checker) find(f CheckFinding) {
	if len(c.report.Findings) >= maxFindings {
		c.report.Omitted++
		return
	}
	c.report.Findings = append(c.report.Findings, f)
}

func (c *checker) structure(ctx context.Context) error {
	lines, err := c.pragmaCheck(ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", maxFindings))
	if err != nil {
		return err
	}
	for _, line := range lines {
		c.find(CheckFinding{Kind: CheckStructure, Detail: line})
	}
	var broken []struct {
		Table  string `db:"table"`
		Parent string `db:"parent"`
		N      int64  `db:"n"`
	}
	err = c.reading().list(ctx, &broken, `SELECT "table", parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY "table", parent`)
	for _, b := range broken {
		c.find(CheckFinding{Kind: CheckStructure, Detail: fmt.Sprintf("%d rows of %s refer to a %s that is not there", b.N, b.Table, b.Parent)})
	}
	return err
}

// storedMessage is an intake and, where its bytes were kept, how.
type storedMessage struct {
	Seq    int64   `db:"seq"`
	ID     string  `db:"id"`
	Kept   bool    `db:"kept"`
	Codec  *int64  `db:"codec"` // nil: no bytes
	Size   *int64  `db:"size"`
	SHA256 []byte  `db:"sha256"`
	File   *string `db:"file"`
	Data   []byte  `db:"data"`
}

const selectStored = `
	SELECT i.seq, i.id, i.kept, r.codec, r.size, r.sha256, r.file, r.data
	FROM intake i LEFT JOIN raw r ON r.intake = i.seq `

// messages goes page by page: one long read would keep the server's log from beginning anew.
func (c *checker) messages(ctx context.Context) error {
	for last := int64(0); ; {
		var page []storedMessage
		if err := c.reading().list(ctx, &page, selectStored+`WHERE i.seq > ? ORDER BY i.seq LIMIT ?`, last, checkPage); err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		for _, m := range page {
			if err := c.message(ctx, m); err != nil {
				return err
			}
			c.report.Intakes, last = c.report.Intakes+1, m.Seq
		}
		if c.progress != nil {
			c.progress(c.report.Intakes)
		}
	}
}

// message reads one. What fails is looked at again: the server may have dropped it since the page was read.
func (c *checker) message(ctx context.Context, m storedMessage) error {
	if m.Codec == nil && !m.Kept {
		return nil // its time was over
	}
	why := c.fault(m)
	if why == nil {
		c.report.Bodies, c.report.Bytes = c.report.Bodies+1, c.report.Bytes+*m.Size
		return nil
	}
	var again storedMessage
	found, err := c.reading().get(ctx, &again, selectStored+`WHERE i.seq = ?`, m.Seq)
	if err != nil || !found || again.Codec == nil && !again.Kept {
		return err
	}
	f := CheckFinding{Kind: CheckBody, Intake: &m.ID, Detail: why.Error()}
	if m.File != nil && *m.File != "" {
		f.File = m.File
	}
	c.find(f)
	return nil
}

// fault says why a message is not what it was, nil if it is.
func (c *checker) fault(m storedMessage) error {
	if m.Codec == nil {
		return errors.New("the bytes of the message are gone")
	}
	size, sum, err := c.digest(packed{codec: *m.Codec, size: *m.Size, file: *m.File, data: m.Data})
	switch {
	case err != nil:
		return err
	case size != *m.Size:
		return fmt.Errorf("the message has %d bytes instead of %d", size, *m.Size)
	case !bytes.Equal(sum, m.SHA256):
		return fmt.Errorf("the message is not the one that was received: its SHA-256 is %x, it was %x", sum, m.SHA256)
	}
	return nil
}

// digest reads a file with read calls: through a mapping, a bad sector would be a signal instead of an error.
func (s *Store) digest(p packed) (size int64, sum []byte, err error) {
	h := sha256.New()
	if p.codec != codecFile {
		raw, err := s.unpack(p)
		if err != nil {
			return 0, nil, err
		}
		h.Write(raw.Bytes)
		return int64(len(raw.Bytes)), h.Sum(nil), nil
	}
	f, err := os.Open(filepath.Join(s.bodies.dir, filepath.Base(p.file)))
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = f.Close() }()
	size, err = io.Copy(h, f)
	return size, h.Sum(nil), err
}

func (c *checker) orphanRows(ctx context.Context) error {
	var n int64
	_, err := c.reading().get(ctx, &n, `SELECT count(*) FROM raw WHERE intake NOT IN (SELECT seq FROM intake)`)
	if n > 0 {
		c.find(CheckFinding{Kind: CheckOrphan, Detail: fmt.Sprintf("%d stored messages belong to no intake", n)})
	}
	return err
}

func (c *checker) orphanFiles(ctx context.Context) error {
	names, err := c.orphans(ctx)
	if errors.Is(err, os.ErrNotExist) {
		return nil // no folder: what is missing from it was told above
	}
	for _, name := range names {
		c.find(CheckFinding{Kind: CheckOrphan, File: &name, Detail: "no intake refers to this file"})
	}
	return err
}
