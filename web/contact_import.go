package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"blindcopy/crm"
)

// importOffice imports files.
type importOffice interface {
	// PreviewImport tells what ImportContacts would do, and writes nothing. crm.ErrInvalid for a file that is no CSV or vCard.
	PreviewImport(ctx context.Context, data []byte) (crm.ImportPreview, error)
	// ImportContacts imports a CSV or vCard file. progress is told how many rows are done.
	ImportContacts(ctx context.Context, data []byte, owner crm.Address, progress func(done int)) (crm.ImportReport, crm.Later, error)
}

// imports are the files that people have sent and not yet finished with, in memory: one a user, for an hour.
type imports struct {
	now func() time.Time

	mu     sync.Mutex
	byUser map[crm.UserID]*importJob
}

// Bounds of the files that are kept.
const (
	importKept = time.Hour
	maxImports = 8 // of maxUpload each
)

func newImports(now func() time.Time) *imports {
	return &imports{now: now, byUser: map[crm.UserID]*importJob{}}
}

// importJob is one file on its way.
type importJob struct {
	Token   string
	File    string
	Owner   crm.Address
	Preview crm.ImportPreview

	since time.Time
	mu    sync.Mutex
	importState
	data []byte
}

// importState is how far it is.
type importState struct {
	Started, Ended bool
	Done           int // rows
	Report         crm.ImportReport
	Later          crm.Later
	Problem        string // why it ended early
}

// keep takes the place of what the user sent before.
func (i *imports) keep(user crm.UserID, j *importJob) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for u, old := range i.byUser {
		if i.now().Sub(old.since) > importKept && !old.running() {
			delete(i.byUser, u)
		}
	}
	old := i.byUser[user]
	switch {
	case old != nil && old.running():
		return invalid("your last import is still running")
	case old == nil && len(i.byUser) >= maxImports:
		return fmt.Errorf("%d files wait to be imported: %w", len(i.byUser), crm.ErrBusy)
	}
	j.Token, j.since = rand.Text(), i.now()
	i.byUser[user] = j
	return nil
}

// of is the file of a page: his alone.
func (i *imports) of(r *request) (*importJob, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	j := i.byUser[r.user.ID]
	if j == nil || j.Token != r.PathValue("token") {
		return nil, fmt.Errorf("the file is not here any more: %w", crm.ErrNotFound)
	}
	return j, nil
}

func (j *importJob) running() bool { s := j.state(); return s.Started && !s.Ended }

func (j *importJob) state() importState {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.importState
}

func (j *importJob) set(change func(*importState)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.importState)
}

// importPage is the form.
type importPage struct {
	Owner   string
	Users   []crm.User
	Problem string
}

func (s *Server) importForm(r *request) (answer, error) {
	return s.importFormPage(r, importPage{Owner: string(r.user.Email)}, 0)
}

func (s *Server) importFormPage(r *request, d importPage, status int) (answer, error) {
	var err error
	d.Users, err = s.Store.Users(r.Context())
	return page{Template: "contact_import", Title: "Import contacts", Nav: "contacts", Status: status, Data: d}, err
}

// importPreview takes a file and looks at it.
func (s *Server) importPreview(r *request) (answer, error) {
	j, err := r.uploaded()
	if err == nil {
		if j.Preview, err = s.Office.PreviewImport(r.Context(), j.data); err == nil {
			err = s.imports.keep(r.user.ID, j)
		}
	}
	if text, ok := problem(err); ok {
		return s.importFormPage(r, importPage{Owner: r.field("owner"), Problem: text}, 422)
	}
	if err != nil {
		return nil, err
	}
	return redirect("/import/" + j.Token), nil
}

// multipart reads a form that may have a file.
func (r *request) multipart() error {
	const inMemory = 8 << 20 // the rest waits in a file, which net/http removes after the answer
	if err := r.ParseMultipartForm(inMemory); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return fmt.Errorf("%w: %w", errBadRequest, err)
	}
	return nil
}

// uploaded reads the form with the file.
func (r *request) uploaded() (*importJob, error) {
	if err := r.multipart(); err != nil {
		return nil, err
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		return nil, invalid("choose a file first")
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	j := &importJob{File: fileName(header.Filename), data: data}
	j.Owner, _ = crm.ParseAddress(r.field("owner"))
	return j, nil
}

// importView is a file on its page: what would happen, is happening, or did.
type importView struct {
	*importJob
	importState
}

// Total is how many rows there are to do.
func (v importView) Total() int {
	r := v.Preview.Report
	return max(r.Added+r.Updated+r.Unchanged, v.Done)
}

// Closing tells whether all rows are done, and mail that waited for these people is looked at.
func (v importView) Closing() bool { return v.Started && !v.Ended && v.Done >= v.Total() }

func (s *Server) importShow(r *request) (answer, error) {
	j, err := s.imports.of(r)
	if err != nil {
		return nil, err
	}
	return page{Template: "contact_import_file", Title: "Import " + j.File, Nav: "contacts", Data: importView{j, j.state()}}, nil
}

// importProgress is the part of the page that asks for itself again until the end.
func (s *Server) importProgress(r *request) (answer, error) { return s.importShow(r) }

// importRun imports the file. It lasts as long as the request, and goes on when the browser goes away: half an import
// can be repeated, but nobody likes to.
func (s *Server) importRun(r *request) (answer, error) {
	j, err := s.imports.of(r)
	if err != nil {
		return nil, err
	}
	again := redirect("/import/" + j.Token)
	first := false
	j.set(func(s *importState) { first, s.Started = !s.Started, true })
	if !first {
		return again, nil
	}
	report, later, err := s.Office.ImportContacts(context.WithoutCancel(r.Context()), j.data, j.Owner,
		func(done int) { j.set(func(s *importState) { s.Done = done }) })
	j.set(func(s *importState) {
		s.Ended, s.Report, s.Later = true, report, later
		if err != nil {
			s.Problem = failureOf(err).text
		}
		j.data = nil
	})
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", j.File, err)
	}
	return again, nil
}
