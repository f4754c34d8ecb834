package store

import (
	"cmp"
	"slices"
	"sync"

	"blindcopy/crm"
)

// conversations remembers the mail that this process filed lately, by Message-ID, and what its conversations are on: most
// replies answer it. Everything else is asked of the database. It is filled by the writer after COMMIT and before anybody is let go,
// so that whoever sees the number of an activity sees it here; and emptied whenever anything but the filing of new mail may have
// changed what it knows.
//
// Each map is in two generations, of which the older is forgotten when the younger is full.
type conversations struct {
	mu     sync.RWMutex
	filed  [2]map[fingerprint]crm.ThreadID
	topics [2]map[crm.ThreadID]*topic
}

// topic is a conversation with the mail in it that was filed here: all there is. Shared, and never modified.
type topic struct {
	facts *crm.ThreadFacts
	links []topicLink
	mails int
}

// topicLink is the latest mail of a conversation on one record.
type topicLink struct {
	crm.Ref
	at int64
}

const (
	rememberFiled = 20_000 // Message-IDs in a generation, of about 100 bytes each
	// longestTopic is where the database begins to look at the latest mails alone: see gatherer.thread.
	longestTopic = 200
)

func newConversations() *conversations {
	c := &conversations{}
	c.forget()
	return c
}

// forget empties it.
func (c *conversations) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.filed = [2]map[fingerprint]crm.ThreadID{{}, {}}
	c.topics = [2]map[crm.ThreadID]*topic{{}, {}}
}

// thread is the conversation of a filed mail with this Message-ID, 0 where that is not known.
func (c *conversations) thread(messageID fingerprint) crm.ThreadID {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if id, ok := c.filed[0][messageID]; ok {
		return id
	}
	return c.filed[1][messageID]
}

// facts of a conversation, nil where they are not known.
func (c *conversations) facts(id crm.ThreadID) *crm.ThreadFacts {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if t := c.topic(id); t != nil {
		return t.facts
	}
	return nil
}

func (c *conversations) topic(id crm.ThreadID) *topic {
	if t, ok := c.topics[0][id]; ok {
		return t
	}
	return c.topics[1][id]
}

// filedMail is a new activity, as its conversation sees it.
type filedMail struct {
	thread crm.ThreadID
	begins bool // the conversation
	pin    int64
	at     int64
	ids    []fingerprint // Message-IDs that it was the first to claim
	links  []topicLink
}

// add takes in what was committed.
func (c *conversations) add(mails []filedMail) {
	if len(mails) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.filed[0]) > rememberFiled {
		c.filed = [2]map[fingerprint]crm.ThreadID{{}, c.filed[0]}
		c.topics = [2]map[crm.ThreadID]*topic{{}, c.topics[0]}
	}
	for _, m := range mails {
		for _, id := range m.ids {
			c.filed[0][id] = m.thread
		}
		have := c.topic(m.thread)
		switch {
		case m.begins:
			c.topics[0][m.thread] = (&topic{}).with(m)
		case have != nil && have.mails < longestTopic:
			c.topics[0][m.thread] = have.with(m)
		case have != nil:
			delete(c.topics[0], m.thread)
			delete(c.topics[1], m.thread)
		}
	}
}

// with is the conversation after one more mail.
func (t *topic) with(m filedMail) *topic {
	next := &topic{links: slices.Clone(t.links), mails: t.mails + 1}
	for _, l := range m.links {
		i := slices.IndexFunc(next.links, func(have topicLink) bool { return have.Ref == l.Ref })
		if i < 0 {
			next.links = append(next.links, l)
		} else {
			next.links[i].at = max(next.links[i].at, l.at)
		}
	}
	slices.SortFunc(next.links, func(a, b topicLink) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.ID, a.ID)) })
	next.facts = &crm.ThreadFacts{ID: m.thread, Pinned: m.pin, LastAt: moment(m.at)}
	if t.facts != nil {
		next.facts.Pinned = cmp.Or(m.pin, t.facts.Pinned)
		if t.facts.LastAt.After(next.facts.LastAt) {
			next.facts.LastAt = t.facts.LastAt
		}
	}
	for _, l := range next.links {
		addToThread(next.facts, l.Kind, l.ID)
	}
	return next
}

// remember notes what the memory of conversations may be told once this stands.
func (rec *recording) remember(i int, refs []crm.Ref) {
	r := rec.results[i]
	if rec.old != nil || rec.closes[i] != nil || r.New == nil && len(r.Links) > 0 || r.New != nil && len(r.New.Join) > 0 {
		rec.t.unsettled = true
	}
	if r.New == nil {
		return
	}
	at := millis(r.New.OccurredAt)
	m := filedMail{thread: crm.ThreadID(rec.threads[i]), begins: rec.begins[i], pin: r.New.Pin, at: at}
	for _, s := range rec.slots[i] {
		if !s.there && s.n == 0 {
			m.ids = append(m.ids, s.print)
		}
	}
	for _, l := range r.Links {
		if l.Created > 0 {
			l.Ref = refs[l.Created-1]
		}
		m.links = append(m.links, topicLink{l.Ref, at})
	}
	rec.t.mails = append(rec.t.mails, m)
}
