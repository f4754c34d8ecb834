package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"blindcopy/crm"
)

// The id of an event names a place in what happened to mail, from which a stream goes on after a break. A place counts all
// mail, hidden mail too: it is encrypted, each time differently, so that nobody learns from two ids whether anything came
// between them.

// placeSecret names the key in the database: an id outlives a restart.
const placeSecret = "events"

// placesKept is how long one can come back with an id.
const placesKept = 24 * time.Hour

// places seals and opens the ids of events.
type places struct {
	store newsStore
	now   func() time.Time

	mu   sync.Mutex
	aead cipher.AEAD // once it was needed
}

// cipher is made of the key at the first use.
func (p *places) cipher(ctx context.Context) (cipher.AEAD, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.aead != nil {
		return p.aead, nil
	}
	key, err := p.store.Secret(ctx, placeSecret)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal the ids of events: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal the ids of events: %w", err)
	}
	p.aead = aead
	return aead, nil
}

// seal makes an id.
func (p *places) seal(ctx context.Context, at crm.Position) (string, error) {
	aead, err := p.cipher(ctx)
	if err != nil {
		return "", err
	}
	plain := make([]byte, 0, 24)
	for _, n := range []int64{at.Intake, at.Change, p.now().Unix()} {
		plain = binary.BigEndian.AppendUint64(plain, uint64(n))
	}
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nil, nil, plain, nil)), nil
}

// open reads an id; false for one that is too old, or none of ours.
func (p *places) open(ctx context.Context, id string) (at crm.Position, ok bool, err error) {
	aead, err := p.cipher(ctx)
	if err != nil {
		return at, false, err
	}
	sealed, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return at, false, nil
	}
	plain, err := aead.Open(nil, nil, sealed, nil)
	if err != nil || len(plain) != 24 {
		return at, false, nil
	}
	at.Intake, at.Change = int64(binary.BigEndian.Uint64(plain)), int64(binary.BigEndian.Uint64(plain[8:]))
	since := p.now().Sub(time.Unix(int64(binary.BigEndian.Uint64(plain[16:])), 0))
	return at, since < placesKept, nil
}

// here is the id of now.
func (p *places) here(ctx context.Context) (string, error) {
	at, err := p.store.Position(ctx)
	if err != nil {
		return "", err
	}
	return p.seal(ctx, at)
}
