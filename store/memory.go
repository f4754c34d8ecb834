package store

import (
	"strings"
	"sync"

	"blindcopy/crm"
)

// memory is what gathering remembers: never the only place of anything, and never older than the log of
// changes. Values are shared and never modified.
type memory struct {
	mu      sync.RWMutex
	changes changes
	bell    *bell

	conversations *conversations

	addresses map[crm.Address]heldAddress
	domains   map[string]*crm.DomainFacts
	// whole: what is in neither map has no holder, no company and no open lead.
	whole bool
	records
	rules  *crm.Rules
	tokens map[string]token
}

// records are forgotten together when a person changes any.
type records struct {
	contacts  map[int64]*crm.ContactFacts
	companies map[int64]*crm.CompanyFacts
	leads     map[int64]*crm.LeadFacts
	deals     map[int64]*crm.DealFacts
}

// heldAddress is an address with its row, 0 where that is not known, and its holders.
type heldAddress struct {
	id      int64
	holders []crm.Holder
	unread  bool // it has changed since it was read
}

// unreadDomain stands for a domain that has changed since it was read.
var unreadDomain = &crm.DomainFacts{}

// Entries per map. About 200 bytes each; a map that is full loses any one of its entries.
const (
	rememberAddresses = 300_000
	rememberRecords   = 300_000
)

func newMemory() *memory {
	m := &memory{changes: newChanges(), conversations: newConversations()}
	m.forgetAll()
	return m
}

func (m *memory) forgetAll() {
	m.addresses = map[crm.Address]heldAddress{}
	m.domains = map[string]*crm.DomainFacts{}
	m.whole = false
	m.forgetRecords()
}

func (m *memory) forgetRecords() {
	m.records = records{map[int64]*crm.ContactFacts{}, map[int64]*crm.CompanyFacts{}, map[int64]*crm.LeadFacts{}, map[int64]*crm.DealFacts{}}
	m.conversations.forget()
	m.rules = nil
	m.tokens = map[string]token{}
}

// forget drops what a changed key makes wrong.
func (m *memory) forget(key string) {
	switch {
	case key == everything:
		m.forgetRecords()
	case isRecordKey(key):
		ref, _ := crm.ParseRef(key)
		delete(m.contacts, ref.ID)
		delete(m.leads, ref.ID)
	case strings.Contains(key, "@"):
		forgetKey(m, m.addresses, crm.Address(key), heldAddress{unread: true})
	default:
		forgetKey(m, m.domains, key, unreadDomain)
	}
}

// forgetKey makes a value unknown: where everything is in the map, by saying so there.
func forgetKey[K comparable, V any](m *memory, values map[K]V, k K, unread V) {
	if m.whole {
		put(m, values, k, unread, rememberAddresses)
	} else {
		delete(values, k)
	}
}

// remember keeps a value that was read at seq, unless its key has changed since: the reader may have
// seen the old one.
func remember[K comparable, V any](m *memory, seq int64, key string, in func(*memory) map[K]V, k K, v V, limit int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes.since(key, seq) || m.changes.version > seq {
		return
	}
	put(m, in(m), k, v, limit)
}

// put makes room by forgetting any other value.
func put[K comparable, V any](m *memory, values map[K]V, k K, v V, limit int) {
	if _, ok := values[k]; !ok && len(values) >= limit {
		for any := range values {
			delete(values, any)
			break
		}
		m.whole = false
	}
	values[k] = v
}

// recall looks a value up.
func recall[K comparable, V any](m *memory, in func(*memory) map[K]V, k K) (V, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := in(m)[k]
	return v, ok
}

// known is the seq of the newest change that was applied.
func (m *memory) known() int64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.changes.known
}

// address is what is known of one; false means to ask.
func (m *memory) address(a crm.Address) (heldAddress, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	h, ok := m.addresses[a]
	return h, ok && !h.unread || !ok && m.whole
}

// domain is what is known of one, nil where that is nothing; false means to ask.
func (m *memory) domain(name string) (*crm.DomainFacts, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	d, ok := m.domains[name]
	return d, ok && d != unreadDomain || !ok && m.whole
}

// setAddresses completes what is remembered of addresses whose row is known now: rows are never changed.
func (m *memory) setAddresses(ids map[crm.Address]int64) {
	if len(ids) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for a, id := range ids {
		h, ok := m.addresses[a]
		if ok && h.id != 0 || !ok && !m.whole {
			continue
		}
		h.id = id
		put(m, m.addresses, a, h, rememberAddresses)
	}
}

func inAddresses(m *memory) map[crm.Address]heldAddress { return m.addresses }
func inDomains(m *memory) map[string]*crm.DomainFacts   { return m.domains }
func inTokens(m *memory) map[string]token               { return m.tokens }
func inContacts(m *memory) map[int64]*crm.ContactFacts  { return m.contacts }
func inCompanies(m *memory) map[int64]*crm.CompanyFacts { return m.companies }
func inLeads(m *memory) map[int64]*crm.LeadFacts        { return m.leads }
func inDeals(m *memory) map[int64]*crm.DealFacts        { return m.deals }
