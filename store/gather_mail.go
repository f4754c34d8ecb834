package store

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"blindcopy/crm"
)

// fingerprint is the index key of an identity: the first 16 bytes of its SHA-256.
type fingerprint struct{ hash, hash2 int64 }

func fingerprintOf(key string) fingerprint {
	sum := sha256.Sum256([]byte(key))
	return fingerprint{int64(binary.BigEndian.Uint64(sum[:8])), int64(binary.BigEndian.Uint64(sum[8:16]))}
}

// messageKey is the identity key that a mail with this Message-ID has: see crm.Claim.
func messageKey(messageID string) string { return "id:" + messageID }

// inQuery is one query with IN lists of several sizes, so that a few prepared statements serve any
// number of values.
type inQuery [3]string

var inSizes = [3]int{4, 16, 64}

func newInQuery(query string) (q inQuery) {
	for i, n := range inSizes {
		q[i] = strings.Replace(query, "(?)", "("+strings.Repeat("?,", n-1)+"?)", 1)
	}
	return q
}

// run asks for all values, each row once for each piece of 64 values it is in.
func (q *inQuery) run(c asker, values []int64, each func(row []driver.Value) error) error {
	for len(values) > 0 {
		size := 0
		for size < len(inSizes)-1 && inSizes[size] < len(values) {
			size++
		}
		n := min(inSizes[size], len(values))
		args := make([]any, inSizes[size])
		for i := range args {
			args[i] = values[min(i, n-1)] // the rest of the list repeats the last one
		}
		if err := c.query(q[size], each, args...); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

var selectSightings = newInQuery(`
	SELECT k.hash, k.hash2, k.original, k.verdict, k.activity, k.sender, k.base_subject, k.date, k.barred, i.id, a.thread, a.body_start, coalesce(a.visibility, i.visibility)
	FROM mail_key k LEFT JOIN intake i ON i.seq = k.intake LEFT JOIN activity a ON a.id = k.activity
	WHERE k.hash IN (?)
	ORDER BY k.hash, k.n`)

// sightings: earlier mail with the same identities, and the threads of the mail that this one answers.
func (g *gatherer) sightings() error {
	keys, messages := map[fingerprint]string{}, map[fingerprint]string{}
	hashes := make([]int64, 0, len(g.q.Keys)+len(g.q.Messages))
	for _, key := range g.q.Keys {
		if print := fingerprintOf(key); g.seen.perhaps(print.hash) {
			keys[print], hashes = key, append(hashes, print.hash)
		}
	}
	for _, id := range g.q.Messages {
		print := fingerprintOf(messageKey(id))
		if thread := g.m.conversations.thread(print); thread != 0 {
			g.f.ByMessage[id] = thread
		} else if g.seen.perhaps(print.hash) {
			messages[print], hashes = id, append(hashes, print.hash)
		}
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes) // each row must come once
	return selectSightings.run(g, hashes, func(row []driver.Value) error {
		print := fingerprint{integer(row[0]), integer(row[1])}
		if key, ok := keys[print]; ok {
			g.f.Sightings[key] = append(g.f.Sightings[key], sighting(key, len(g.f.Sightings[key]), row))
		}
		if id, ok := messages[print]; ok && row[10] != nil {
			if _, ok := g.f.ByMessage[id]; !ok {
				g.f.ByMessage[id] = crm.ThreadID(integer(row[10]))
			}
		}
		return nil
	})
}

func sighting(key string, n int, row []driver.Value) crm.Sighting {
	s := crm.Sighting{Key: key, N: n, Intake: crm.IntakeID(str(row[9])), Original: int(integer(row[2])), Verdict: crm.Verdict(str(row[3])),
		Activity: crm.ActivityID(integer(row[4])), From: uint64(integer(row[5])), BaseSubject: uint64(integer(row[6])),
		Barred: integer(row[8]) != 0, BodyStart: str(row[11]), Visibility: crm.Visibility(str(row[12]))}
	if row[7] != nil {
		s.Date = moment(integer(row[7]))
	}
	return s
}

var selectWaiting = newInQuery(`
	SELECT w.hash, a.thread FROM reply_wait w JOIN activity a ON a.id = w.activity
	WHERE w.hash IN (?) ORDER BY w.activity`)

// waiting: threads in which a mail answers one of the Message-IDs, which is not here yet.
func (g *gatherer) waiting() error {
	messages := map[int64]string{}
	var hashes []int64
	for _, id := range g.q.Messages {
		if g.f.ByMessage[id] != 0 {
			continue // it is here
		}
		if hash := fingerprintOf(messageKey(id)).hash; g.seen.perhaps(hash) {
			messages[hash], hashes = id, append(hashes, hash)
		}
	}
	return selectWaiting.run(g, hashes, func(row []driver.Value) error {
		id, thread := messages[integer(row[0])], crm.ThreadID(integer(row[1]))
		for _, have := range g.f.Waiting[id] {
			if have == thread {
				return nil
			}
		}
		g.f.Waiting[id] = append(g.f.Waiting[id], thread)
		return nil
	})
}

const hitColumns = `a.thread, a.id, i.id, a.occurred_at, a.people, a.body_start FROM activity a JOIN intake i ON i.seq = a.intake`

// subjects: mail of the same subject with the same person.
func (g *gatherer) subjects() error {
	for _, hint := range g.q.Subjects {
		address, err := g.row(hint.Address)
		if err != nil {
			return err
		}
		hash := subjectHash(hint.BaseSubject)
		if address == 0 || hash == 0 {
			continue // nobody has ever written with this address
		}
		hits, err := g.hits(`SELECT `+hitColumns+`
			WHERE a.subject_hash = ? AND a.subject_hash <> 0 AND a.occurred_at >= ?
			  AND EXISTS (SELECT 1 FROM participant p WHERE p.address = ? AND p.target = a.id)
			ORDER BY a.occurred_at DESC LIMIT 20`, hash, millis(hint.Since), address)
		if err != nil {
			return err
		}
		g.f.BySubject[hint.BaseSubject] = addHits(g.f.BySubject[hint.BaseSubject], hits)
	}
	return nil
}

// forwardWindow to either side of the time that an inline forward shows: it may be in any zone.
const forwardWindow = 14 * time.Hour

// forwards: mail of the same author and subject at about the same time.
func (g *gatherer) forwards() error {
	for _, hint := range g.q.Forwards {
		hits, err := g.hits(`SELECT `+hitColumns+`
			WHERE a.subject_hash = ? AND a.subject_hash <> 0 AND a.occurred_at BETWEEN ? AND ? AND a.author = ?
			ORDER BY a.occurred_at DESC LIMIT 20`,
			subjectHash(hint.BaseSubject), millis(hint.At.Add(-forwardWindow)), millis(hint.At.Add(forwardWindow)), string(hint.Author))
		if err != nil {
			return err
		}
		if len(hits) > 0 {
			g.f.Forwarded[hint.BaseSubject] = addHits(g.f.Forwarded[hint.BaseSubject], hits)
		}
	}
	return nil
}

func (g *gatherer) hits(query string, args ...any) (hits []crm.SubjectHit, err error) {
	err = g.query(query, func(row []driver.Value) error {
		people, err := peopleIn(str(row[4]))
		hit := crm.SubjectHit{Thread: crm.ThreadID(integer(row[0])), Activity: crm.ActivityID(integer(row[1])), Intake: crm.IntakeID(str(row[2])),
			At: moment(integer(row[3])), BodyStart: str(row[5])}
		for _, p := range people {
			if p.Address != "" {
				hit.People = append(hit.People, p.Address)
			}
		}
		hits = append(hits, hit)
		return err
	}, args...)
	return hits, err
}

func addHits(have, more []crm.SubjectHit) []crm.SubjectHit {
next:
	for _, hit := range more {
		for _, h := range have {
			if h.Activity == hit.Activity {
				continue next
			}
		}
		have = append(have, hit)
	}
	return have
}

func peopleIn(text string) (people []crm.Person, err error) {
	err = json.Unmarshal([]byte(text), &people)
	return people, err
}

// subjectHash of a base subject as activities keep it: 0 is no subject, which joins nothing.
func subjectHash(base string) int64 {
	if base == "" {
		return 0
	}
	return int64(crm.Fingerprint(base))
}
