package linker

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"blindcopy/crm"
)

// sameDateWithin is how far the Date of two sightings of one mail may lie apart: relays
// rewrite the seconds, and some the minute.
const sameDateWithin = 2 * time.Minute

// identityKeys are the texts by which a second sighting of a mail is recognised: its
// Message-ID; without one a digest of what it says; without author or date, of its bytes.
// Of an inline forward also the original that it shows.
func identityKeys(m *crm.Mail, in *crm.Inbound) []string {
	switch {
	case m.Forwarded != nil && !m.Forwarded.Attached:
		return []string{coverPrefix + m.Forwarded.Cover, forwardKey(m)}
	case m.Mark != "" && m.MessageID != "":
		return []string{markPrefix + m.Mark, idPrefix + m.MessageID}
	case m.Mark != "":
		return []string{markPrefix + m.Mark}
	case m.MessageID != "":
		return []string{idPrefix + m.MessageID}
	case m.ContentHash != "":
		return []string{"hash:" + m.ContentHash}
	}
	return []string{rawKey(m, in)}
}

// hasIdentity tells whether a mail is recognised without its raw bytes.
func hasIdentity(m *crm.Mail) bool { return m.MessageID != "" || m.ContentHash != "" || m.Mark != "" }

// The prefixes keep the namespaces of identities apart.
const (
	idPrefix      = "id:"
	coverPrefix   = "cover:"
	markPrefix    = "mark:"
	forwardPrefix = "fwd:"
)

// rawKey is the identity of a mail that says nothing of itself: its bytes, and which
// original in them it is.
func rawKey(m *crm.Mail, in *crm.Inbound) string {
	return "raw:" + hex.EncodeToString(in.Raw.SHA256[:]) + ":" + strconv.Itoa(m.Original)
}

// forwardKey finds the original that an inline forward shows, and a forward of a mail.
func forwardKey(m *crm.Mail) string {
	return forwardPrefix + identityAuthor(m) + " " + m.BaseSubject
}

// sighting finds the earlier result that is this very mail; its own intake does not count. collision tells
// that the key was used by other mail: same id, other facts.
func (d *decision) sighting(keys []string) (found *crm.Sighting, collision bool) {
	for _, key := range append(keys, forwardKey(d.mail)) {
		for i := range d.facts.Sightings[key] {
			s := &d.facts.Sightings[key][i]
			if s.Intake == d.in.ID {
				continue
			}
			switch {
			case strings.HasPrefix(key, forwardPrefix):
				if sameForward(s.Date, s.BodyStart, d.mail) {
					return s, false
				}
			case !strings.HasPrefix(key, idPrefix) || sameMail(s, d.mail):
				return s, false
			default:
				collision = true
			}
		}
	}
	return d.forwardOf(), collision
}

// forwardOf finds the mail on the timelines that an inline forward shows: SEMANTICS §7 (d).
func (d *decision) forwardOf() *crm.Sighting {
	if d.mail.Forwarded == nil || d.mail.Forwarded.Attached {
		return nil
	}
	for _, hit := range d.facts.Forwarded[d.mail.BaseSubject] {
		if sameForward(hit.At, hit.BodyStart, d.mail) && hit.Intake != d.in.ID {
			return &crm.Sighting{Intake: hit.Intake, Activity: hit.Activity, Verdict: crm.Filed}
		}
	}
	return nil
}

// sameForward compares the date that stands in a forward's text with that of a mail: to the
// minute, and modulo whole quarter-hours up to 14 h where no zone was written; and how the texts begin.
func sameForward(at time.Time, start string, m *crm.Mail) bool {
	if at.IsZero() || m.Date.IsZero() || start == "" || m.BodyStart == "" {
		return false
	}
	off := at.Truncate(time.Minute).Sub(m.Date.Truncate(time.Minute)).Abs()
	zoned := m.Forwarded == nil || m.DateZoned
	if off > 14*time.Hour || zoned && off > 0 && m.Forwarded != nil || off%(15*time.Minute) != 0 {
		return false
	}
	return strings.HasPrefix(start, m.BodyStart) || strings.HasPrefix(m.BodyStart, start)
}

// sameMail compares the facts of two mails with one Message-ID.
func sameMail(s *crm.Sighting, m *crm.Mail) bool {
	if s.From != crm.Fingerprint(identityAuthor(m)) || s.BaseSubject != crm.Fingerprint(m.BaseSubject) {
		return false
	}
	if s.Date.IsZero() || m.Date.IsZero() {
		return s.Date.IsZero() == m.Date.IsZero()
	}
	return s.Date.Sub(m.Date).Abs() <= sameDateWithin
}

// identityAuthor is the author as the header names him; the envelope differs between
// two sightings of one mail.
func identityAuthor(m *crm.Mail) string { return string(m.Author("").Address) }

// claims reserves the identity of a mail. A key that this intake has already stays with it.
func (d *decision) claims(keys []string) []crm.Claim {
	out := make([]crm.Claim, 0, len(keys))
	for _, key := range keys {
		c := crm.Claim{
			Key:         key,
			N:           len(d.facts.Sightings[key]),
			From:        crm.Fingerprint(identityAuthor(d.mail)),
			BaseSubject: crm.Fingerprint(d.mail.BaseSubject),
			Date:        d.mail.Date,
		}
		for _, s := range d.facts.Sightings[key] {
			if s.Intake == d.in.ID && s.Original == d.mail.Original {
				c.N, c.Replace = s.N, true
			}
		}
		out = append(out, c)
	}
	return out
}
