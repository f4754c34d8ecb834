package store

import (
	"database/sql/driver"
	"strings"

	"blindcopy/crm"
)

// What is kept in memory is made fresh by the table address_change: every transaction of every process
// that changes something others may remember appends the key of it.
//
//	ann@client.example   who holds the address
//	client.example       the companies of the domain, and its open leads
//	contact:7            a name that a mail gave
//	*                    anything a person changed: users, rules, records, deals
//	intake:01J…          mail that was decided again: nothing of it is remembered, and News tells of it
//	activity:7           filed mail that was changed, likewise
//
// One query for the newest seq tells a reader whether it knows everything; usually it does.

// everything is the key that stands for all records and rules, but not for addresses and domains.
const everything = "*"

// keepChanges is how many keys are remembered before the older half is forgotten. Facts older than what
// is remembered count as stale.
const keepChanges = 50_000

// changes remembers lately changed keys with the seq of their last change. Guarded by memory.mu.
type changes struct {
	known   int64 // seq of the newest change applied
	version int64 // seq of the newest change of everything
	floor   int64 // all changes after this one are remembered
	middle  int64 // all changes after this one are in recent
	recent  map[string]int64
	older   map[string]int64
}

func newChanges() changes {
	return changes{recent: map[string]int64{}, older: map[string]int64{}}
}

// begin is called once, with the newest seq at that time.
func (c *changes) begin(seq int64) {
	c.known, c.version, c.floor, c.middle = seq, seq, seq, seq
}

func (c *changes) note(seq int64, key string) {
	c.known = seq
	if key == everything {
		c.version = seq
	}
	if len(c.recent) >= keepChanges {
		c.older, c.recent = c.recent, map[string]int64{}
		c.floor, c.middle = c.middle, seq-1
	}
	c.recent[key] = seq
}

// since tells whether a key has changed after seq, or may have.
func (c *changes) since(key string, seq int64) bool {
	return seq < c.floor || c.recent[key] > seq || c.older[key] > seq
}

// change is a row of the log.
type change struct {
	seq int64
	key string
}

const newestChange = `SELECT coalesce(max(seq), 0) FROM address_change`

// fresh is the stamp of facts that are read from now on, if nothing was committed that is not known here.
func (m *memory) fresh() (crm.Stamp, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.stamp(), m.bell.silent(m.changes.known)
}

// refresh applies what was committed by anybody since, and returns the stamp of facts that are read
// from now on.
func (m *memory) refresh(c *conn) (crm.Stamp, error) {
	if stamp, ok := m.fresh(); ok {
		return stamp, nil
	}
	return m.catchUp(c)
}

// catchUp is refresh with a look into the log.
func (m *memory) catchUp(c *conn) (crm.Stamp, error) {
	newest, err := c.number(newestChange)
	if err != nil {
		return crm.Stamp{}, err
	}
	m.mu.RLock()
	stamp := m.stamp()
	m.mu.RUnlock()
	if newest <= stamp.Seq {
		return stamp, nil
	}
	news, err := changesAfter(c, stamp.Seq)
	if err != nil {
		return crm.Stamp{}, err
	}
	return m.apply(news), nil
}

func changesAfter(c *conn, seq int64) (news []change, err error) {
	err = c.query(`SELECT seq, key FROM address_change WHERE seq > ? ORDER BY seq`, func(row []driver.Value) error {
		news = append(news, change{integer(row[0]), str(row[1])})
		return nil
	}, seq)
	return news, err
}

// apply forgets what has changed. It may be told of the same changes twice.
func (m *memory) apply(news []change) crm.Stamp {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range news {
		if n.seq <= m.changes.known {
			continue
		}
		if n.seq != m.changes.known+1 { // retention removed rows we have never seen
			m.forgetAll()
			m.changes = newChanges()
			m.changes.begin(n.seq)
			continue
		}
		if isNews(n.key) {
			m.changes.known = n.seq
			continue
		}
		m.changes.note(n.seq, n.key)
		m.forget(n.key)
	}
	return m.stamp()
}

func (m *memory) stamp() crm.Stamp {
	return crm.Stamp{Version: m.changes.version, Seq: m.changes.known}
}

// keysOf a question: what a change of makes its facts stale.
func keysOf(q *crm.Question) []string {
	keys := make([]string, 0, 2*len(q.Addresses)+1)
	keys = append(keys, everything)
	for _, a := range q.Addresses {
		keys = append(keys, string(a), a.Domain())
		if plain := a.WithoutTag(); plain != a {
			keys = append(keys, string(plain))
		}
	}
	return keys
}

// isRecordKey tells kind:id from an address, which has an @, and from a domain, which has no colon.
func isRecordKey(key string) bool {
	return !strings.Contains(key, "@") && strings.Contains(key, ":")
}
