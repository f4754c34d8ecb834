package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/message"
	"blindcopy/web"
)

// What the pages show of a mail besides what the database holds. Whether somebody may see it is decided before.

// openMail reads the message an activity is about; crm.ErrNotFound where its content is gone. Whoever
// gets it calls raw.Release when done.
func (o *office) openMail(ctx context.Context, act crm.Activity) (m *message.Message, raw crm.Raw, err error) {
	if raw, err = o.store.Raw(ctx, act.IntakeID); err != nil {
		return nil, raw, fmt.Errorf("read the content of activity %d: %w", act.ID, err)
	}
	if raw.Release == nil {
		raw.Release = func() {}
	}
	return message.Parse(raw.Bytes, readingLimits(o.cfg)), raw, nil
}

// MailContent reads text and HTML of a mail. The HTML is sanitised; images that lie in the mail are written into it.
func (o *office) MailContent(ctx context.Context, act crm.Activity) (web.MailContent, error) {
	m, raw, err := o.openMail(ctx, act)
	if errors.Is(err, crm.ErrNotFound) {
		return web.MailContent{Attachments: act.Attachments}, nil
	}
	if err != nil {
		return web.MailContent{}, err
	}
	defer raw.Release()
	act.Attachments = append([]crm.Attachment(nil), act.Attachments...)
	of := original(m, act.Original)
	fillContent(&act, of)
	if act.Original > 0 && len(m.Originals) == 0 {
		quotedText(&act, m)
	}
	return web.MailContent{Kept: true, Text: act.Text, HTML: withImages(act.HTML, of), Event: eventIn(of), Attachments: act.Attachments}, nil
}

// eventIn is what a mail invites to, nil for other mail.
func eventIn(m *message.Message) *web.Event {
	e, ok := m.Invitation()
	if !ok {
		return nil
	}
	return &web.Event{Method: e.Method, Summary: e.Summary, Location: e.Location, Start: e.Start, End: e.End, AllDay: e.AllDay, Zoned: e.Zoned}
}

// imageInMail is a reference as message.SanitizeHTML leaves it; a quotation mark in text or another attribute is
// escaped by then.
var imageInMail = regexp.MustCompile(`src="cid:([^"]*)"`)

// maxImages bounds what the images of a mail add to its HTML, in bytes.
const maxImages = 8 << 20

// withImages writes the images that lie in a mail into its HTML: its frame may not fetch anything, and has no session
// to fetch it with. Only formats that cannot hold a script.
func withImages(body string, m *message.Message) string {
	left := maxImages
	return imageInMail.ReplaceAllStringFunc(body, func(src string) string {
		id := html.UnescapeString(imageInMail.FindStringSubmatch(src)[1])
		for _, p := range m.Parts {
			if p.ContentID == "" || p.ContentID != id {
				continue
			}
			data, err := io.ReadAll(io.LimitReader(p.Open(), int64(left)))
			format := imageFormat(data)
			if err != nil || format == "" || len(data) >= left {
				break
			}
			left -= len(data)
			return `src="data:` + format + ";base64," + base64.StdEncoding.EncodeToString(data) + `"`
		}
		return `data-missing="1"`
	})
}

// imageFormat is judged by the first bytes: the name that a mail gives is anybody's.
func imageFormat(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(data, []byte("GIF8")):
		return "image/gif"
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "image/webp"
	}
	return ""
}

// MailFile writes the content of an attachment, as far as it can be decoded. crm.ErrNotFound, before the first byte, if
// it is not there.
func (o *office) MailFile(ctx context.Context, act crm.Activity, file crm.Attachment) (func(io.Writer) error, error) {
	m, raw, err := o.openMail(ctx, act)
	if err != nil {
		return nil, err
	}
	r, err := attachedFile(original(m, act.Original), file.Part)
	if err != nil {
		raw.Release()
		return nil, err
	}
	return func(w io.Writer) error {
		defer raw.Release()
		if _, err := io.Copy(w, r); err != nil && !errors.Is(err, message.ErrCorrupt) {
			return fmt.Errorf("write attachment %d of activity %d: %w", file.ID, act.ID, err)
		}
		return nil
	}, nil
}

// attachedFile opens a part of a mail, or a file in its winmail.dat.
func attachedFile(m *message.Message, part string) (io.Reader, error) {
	number, isWrapped := strings.CutPrefix(part, linker.WinmailPart)
	if !isWrapped {
		if _, ok := m.Part(part); !ok {
			return nil, fmt.Errorf("part %q of a mail: %w", part, crm.ErrNotFound)
		}
		return m.OpenPart(part)
	}
	files := m.WinmailAttachments()
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(files) {
		return nil, fmt.Errorf("file %q in a winmail.dat: %w", part, crm.ErrNotFound)
	}
	return bytes.NewReader(files[i].Data), nil
}

// MailRaw writes a message as it was received.
func (o *office) MailRaw(ctx context.Context, act crm.Activity) (func(io.Writer) error, error) {
	raw, err := o.store.Raw(ctx, act.IntakeID)
	if err != nil {
		return nil, fmt.Errorf("read the message of activity %d: %w", act.ID, err)
	}
	return func(w io.Writer) error {
		if raw.Release != nil {
			defer raw.Release()
		}
		if _, err := w.Write(raw.Bytes); err != nil {
			return fmt.Errorf("write the message of activity %d: %w", act.ID, err)
		}
		return nil
	}, nil
}
