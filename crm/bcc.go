package crm

import (
	"crypto/rand"
	"strconv"
	"strings"
	"time"
)

// TokenLength is the length of the secret in a BCC address: 10 of 31 characters, about 50 bits.
const TokenLength = 10

// tokenAlphabet has no 0, o, 1, l or i: a token is read out over the telephone.
const tokenAlphabet = "23456789abcdefghjkmnpqrstuvwxyz"

// NewToken returns a fresh secret from the system's random source.
func NewToken() string {
	token := make([]byte, 0, TokenLength)
	var buf [1]byte
	for len(token) < TokenLength {
		_, _ = rand.Read(buf[:]) // never fails: crypto/rand aborts the program instead
		// Bytes past the last full run of the alphabet are thrown away, or the first
		// letters would come up more often than the rest.
		if int(buf[0]) < 256/len(tokenAlphabet)*len(tokenAlphabet) {
			token = append(token, tokenAlphabet[int(buf[0])%len(tokenAlphabet)])
		}
	}
	return string(token)
}

// BCCState says whether mail to a BCC address is still taken.
type BCCState string

// An address is active, then for a grace period rotating (still accepted, its use is
// noted), then revoked.
const (
	BCCActive   BCCState = "active"
	BCCRotating BCCState = "rotating"
	BCCRevoked  BCCState = "revoked"
)

// BCCAddress is one secret address of a user, current or past.
type BCCAddress struct {
	Address    Address    `json:"address"`
	State      BCCState   `json:"state"`
	Until      *time.Time `json:"until"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

// Slug is the readable half of a BCC address: the letters and digits of the local part
// of the owner's address, at most 20.
func Slug(owner Address) string {
	var b strings.Builder
	for _, r := range owner.WithoutTag().Local() {
		if (r >= 'a' && r <= 'z' || r >= '0' && r <= '9') && b.Len() < 20 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// FormatBCC joins a BCC address from its parts.
func FormatBCC(slug, token, domain string) Address {
	if slug == "" {
		return Address(token + "@" + domain)
	}
	return Address(slug + "-" + token + "@" + domain)
}

// TagSet is what the manager asked for with `+tags` in the BCC address.
type TagSet struct {
	Records []Ref    `json:"records,omitempty"` // +deal42 +lead7 +contact15 +company3: file there, explicitly
	Private bool     `json:"private,omitempty"` // +private
	NoLead  bool     `json:"no_lead,omitempty"` // +nolead: create nothing
	Forward bool     `json:"forward,omitempty"` // +fw: treat as redirected incoming mail
	Unknown []string `json:"unknown,omitempty"` // ignored, and said so
}

// ParseBCCLocal splits the local part of a BCC address into its token and tags. The
// token alone identifies; the slug before it is decoration and may be anything.
func ParseBCCLocal(local string) (token string, tags TagSet) {
	local = strings.ToLower(local)
	head, rest, _ := strings.Cut(local, "+")
	if dash := strings.LastIndexByte(head, '-'); dash >= 0 {
		head = head[dash+1:]
	}
	for _, tag := range strings.Split(rest, "+") {
		tags.add(tag)
	}
	return head, tags
}

func (t *TagSet) add(tag string) {
	switch tag {
	case "":
		return
	case "private":
		t.Private = true
		return
	case "nolead":
		t.NoLead = true
		return
	case "fw":
		t.Forward = true
		return
	}
	if ref, ok := recordTag(tag); ok {
		t.Records = append(t.Records, ref)
		return
	}
	if len(t.Unknown) < 8 {
		t.Unknown = append(t.Unknown, tag)
	}
}

func recordTag(tag string) (Ref, bool) {
	for _, kind := range []Kind{KindDeal, KindLead, KindContact, KindCompany} {
		digits, ok := strings.CutPrefix(tag, string(kind))
		if !ok {
			continue
		}
		id, err := strconv.ParseInt(digits, 10, 64)
		return Ref{kind, id}, err == nil && id > 0
	}
	return Ref{}, false
}

// Merge adds the tags of another BCC recipient of the same mail: all apply.
func (t *TagSet) Merge(o TagSet) {
	t.Records = append(t.Records, o.Records...)
	t.Private = t.Private || o.Private
	t.NoLead = t.NoLead || o.NoLead
	t.Forward = t.Forward || o.Forward
	t.Unknown = append(t.Unknown, o.Unknown...)
}

// CodeOf writes the beginning of a digest with the letters of a BCC token: as hard to guess, and as easy to read out.
// It is "" for a digest that is too short.
func CodeOf(digest []byte) string {
	if len(digest) < TokenLength {
		return ""
	}
	code := make([]byte, TokenLength)
	for i := range code {
		code[i] = tokenAlphabet[int(digest[i])%len(tokenAlphabet)] // the first letters come up a little more often: no matter for 50 bits
	}
	return string(code)
}
