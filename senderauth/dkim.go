package senderauth

import (
	"bufio"
	"context"
	"errors"
	"io"

	"blindcopy/crm"

	"github.com/emersion/go-msgauth/dkim"
)

// Bounds of what is verified. Each signature that is tried hashes the body once.
const (
	maxSignatures  = 5
	maxSignedNames = 300      // entries of h=; real ones have up to about a hundred
	maxKeyRecord   = 4 << 10  // bytes; RSA of 16384 bits needs less
	maxLineEnds    = 64 << 10 // bytes of nothing but line ends within a body
	hashPiece      = 64 << 10 // bytes of the body at a time
)

// checkDKIM verifies the signatures that could speak for the author, one after the other until one does. Where
// there is none of his domain or organization, the first one is verified for the record. rest gives back the memory that
// the body has taken (crm.Raw.Rest); it may be nil.
func (c *Checker) checkDKIM(ctx context.Context, head header, body []byte, author string, rest func()) []finding {
	var findings []finding
	budget := maxSignatures
	for _, s := range candidates(head, author) {
		if budget <= 0 {
			break
		}
		found, hashed := c.verify(ctx, head, body, s, rest)
		findings = append(findings, found)
		if budget -= hashed; found.word == pass {
			break
		}
	}
	return findings
}

// candidates returns the signatures worth a look, in that order: of the author's own domain, then of his
// organization; or else the first one there is.
func candidates(head header, author string) []signature {
	var first, own, related []signature
	for i, f := range head.fields {
		if f.name != signatureField {
			continue
		}
		s := readSignature(i, f.value())
		switch {
		case aligned(author, s.domain, true):
			own = append(own, s)
		case aligned(author, s.domain, false):
			related = append(related, s)
		case first == nil:
			first = append(first, s)
		}
	}
	if worth := append(own, related...); len(worth) > 0 {
		return worth[:min(len(worth), maxSignatures)]
	}
	return first
}

// verify checks one signature. It also returns how many times the body was hashed for it: more than once
// where the signature covers others, which the library verifies with it.
func (c *Checker) verify(ctx context.Context, head header, body []byte, s signature, rest func()) (found finding, hashed int) {
	found = finding{permError, s.domain}
	if head.fault || s.domain == "" || len(s.signed) > maxSignedNames {
		return found, 0
	}
	// l= lets anybody append to the body (RFC 6376 §8.2), and a second field be put above the one that is signed (§8.15).
	if s.partial || s.leavesRoom(head) {
		return finding{refused, s.domain}, 0
	}
	// Wait for the key before taking a place among those who hash; the library finds it in the cache then.
	if _, err := c.keyRecord(ctx, s.selector+"._domainkey."+s.domain); err != nil && !isNotFound(err) && !errors.Is(err, errKeySize) {
		return finding{tempError, s.domain}, 0
	}
	select {
	case c.hashing <- struct{}{}:
		defer func() { <-c.hashing }()
	case <-ctx.Done():
		return finding{tempError, s.domain}, 0
	}
	if rest != nil {
		defer rest()
	}
	if body = trimLineEnds(body); hasLineEndRun(body) {
		return finding{refused, s.domain}, 0
	}
	covered, position, present := s.covers(head)
	results, err := dkim.VerifyWithOptions(bufio.NewReaderSize(&source{ctx, covered, body}, hashPiece), &dkim.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return c.keyRecord(ctx, name) },
		MaxVerifications: maxSignatures,
	})
	switch {
	case ctx.Err() != nil:
		found.word = tempError
	case position < len(results) && (err == nil || errors.Is(err, dkim.ErrTooManySignatures)):
		found = judge(results[position])
	}
	return found, min(present, maxSignatures)
}

// judge puts the library's verdict into a word of RFC 8601 §2.7.1. The domain is the one it has verified.
func judge(v *dkim.Verification) finding {
	found := finding{fail, crm.NormalDomain(v.Domain)}
	switch {
	case v.Err == nil:
		found.word = pass
	case dkim.IsTempFail(v.Err):
		found.word = tempError
	case dkim.IsPermFail(v.Err):
		found.word = permError
	}
	return found
}

var errKeySize = errors.New("the key record is too long")

// keyRecord looks up a public key. Verifying with a key takes time with the square of its length, and the sender
// chooses it.
func (c *Checker) keyRecord(ctx context.Context, name string) ([]string, error) {
	records, err := c.dns.LookupTXT(ctx, name)
	for _, record := range records {
		if len(record) > maxKeyRecord {
			return nil, errKeySize
		}
	}
	return records, err
}

// source hands a header and a body to the library piece by piece. When the time is up it ends early: the result
// will be wrong and is not looked at. An error would leave the library's goroutines waiting for ever.
type source struct {
	ctx  context.Context
	head []byte
	body []byte
}

func (s *source) Read(p []byte) (int, error) {
	from := &s.head
	if len(s.head) == 0 {
		from = &s.body
	}
	if len(*from) == 0 || s.ctx.Err() != nil {
		return 0, io.EOF
	}
	n := copy(p, *from)
	*from = (*from)[n:]
	return n, nil
}

// trimLineEnds removes empty lines at the end of a body, which both canonicalizations ignore (RFC 6376 §3.4.3, §3.4.4).
func trimLineEnds(body []byte) []byte {
	end := len(body)
	for end > 0 && body[end-1] == '\n' {
		if end--; end > 0 && body[end-1] == '\r' {
			end--
		}
	}
	return body[:end]
}

// hasLineEndRun tells whether a body has very many empty lines in a row.
//
// QUIRK: the library copies those it has put off with every piece it reads. 4 MiB of them take it 3.5 s, 35 MiB minutes. No
// person and no program writes such mail.
func hasLineEndRun(body []byte) bool {
	isLineEnd := func(i int) bool { return body[i] == '\n' || body[i] == '\r' }
	// A run of that length covers a multiple of it.
	for at := 0; at < len(body); at += maxLineEnds {
		if !isLineEnd(at) {
			continue
		}
		from, to := at, at
		for from > 0 && at-from < maxLineEnds && isLineEnd(from-1) {
			from--
		}
		for to < len(body) && to-from < maxLineEnds && isLineEnd(to) {
			to++
		}
		if to-from >= maxLineEnds {
			return true
		}
	}
	return false
}
