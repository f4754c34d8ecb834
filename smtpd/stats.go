package smtpd

import (
	"maps"
	"sync"
)

// Stats are counters since the start.
type Stats struct {
	Sessions uint64            // begun, those over a connection cap not among them
	Open     int               // now
	Accepted uint64            // messages answered 250
	Bytes    uint64            // of these
	Refused  map[int]uint64    // replies of 4xx and 5xx, by code
	Limits   map[string]uint64 // times a limit was hit: connections, per_address, unknown_recipients, commands, errors
}

type counters struct {
	mu sync.Mutex
	Stats
}

func (c *counters) session() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Sessions++
}

func (c *counters) accepted(size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Accepted++
	c.Bytes += uint64(size)
}

func (c *counters) refused(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Refused == nil {
		c.Refused = map[int]uint64{}
	}
	c.Refused[code]++
}

func (c *counters) limit(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Limits == nil {
		c.Limits = map[string]uint64{}
	}
	c.Limits[name]++
}

func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.Stats
	s.Refused, s.Limits = maps.Clone(c.Refused), maps.Clone(c.Limits)
	return s
}
