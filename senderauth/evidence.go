package senderauth

import (
	"blindcopy/crm"
)

// Result words of RFC 8601 §2.7, and one of ours for what was not looked at.
const (
	pass      = "pass"
	fail      = "fail"
	softFail  = "softfail"
	neutral   = "neutral"
	none      = "none"
	refused   = "policy" // signed, but in a way that we do not accept
	tempError = "temperror"
	permError = "permerror"
	skipped   = "skipped"
)

// finding is what one mechanism says of one domain.
type finding struct {
	word   string
	domain string // which it authenticates: of the reverse path or HELO, or d= of a signature
}

// evidence is all that is known when the verdict is drawn.
type evidence struct {
	author string // domain of the author
	spf    finding
	dkim   []finding
	policy policy
	relay  string // what a relay of ours found by DMARC; "" if none did
}

// conclude draws the verdict. A policy of p=none is one too (RFC 7489 §6.6.2 tells what to do with the mail; we only
// want to know who wrote it):
//
//	pass  SPF or DKIM pass for a domain that is aligned with the author's, or a relay of ours says that they do.
//	none  nothing passes, but something that could still speak for the author cannot be found out right now.
//	fail  nothing passes, and the author's domain publishes DMARC, or its own SPF record forbids the peer.
//	none  nothing passes, and the domain does not say how to recognise its mail.
//
// Where the policy cannot be had, only an exact match of domains is aligned: it is under any policy.
func (e *evidence) conclude() crm.SenderAuth {
	dmarc, result := e.verdict()
	return crm.SenderAuth{SPF: e.spf.word, DKIM: summary(e.dkim), DMARC: dmarc, Result: result}
}

func (e *evidence) verdict() (dmarc string, result crm.AuthResult) {
	switch {
	case e.relay == pass:
		return pass, crm.AuthPass
	case e.says(pass):
		return e.policy.word, crm.AuthPass
	case e.relay == fail:
		return fail, crm.AuthFail
	case e.mightPass():
		return tempError, crm.AuthNone
	case e.policy.word == pass:
		return fail, crm.AuthFail
	case e.spf.word == fail && e.spfAligned():
		return e.policy.word, crm.AuthFail
	}
	return e.policy.word, crm.AuthNone
}

// says tells whether SPF or a signature has come to that word for an aligned domain.
func (e *evidence) says(word string) bool {
	if e.spf.word == word && e.spfAligned() {
		return true
	}
	for _, f := range e.dkim {
		if f.word == word && aligned(e.author, f.domain, e.policy.strictDKIM) {
			return true
		}
	}
	return false
}

// mightPass tells whether a temporary error stands between the author and a pass: of SPF or of a signature, or of
// the policy that would say whether what passes is aligned.
func (e *evidence) mightPass() bool {
	if e.says(tempError) {
		return true
	}
	if e.policy.word != tempError {
		return false
	}
	relaxed := *e
	relaxed.policy.strictSPF, relaxed.policy.strictDKIM = false, false
	return relaxed.says(pass) || relaxed.says(tempError)
}

func (e *evidence) spfAligned() bool { return aligned(e.author, e.spf.domain, e.policy.strictSPF) }

// summary condenses the signatures to one word: the best news first.
func summary(signatures []finding) string {
	for _, word := range []string{pass, tempError, fail, refused, permError, neutral} {
		for _, f := range signatures {
			if f.word == word {
				return word
			}
		}
	}
	return none
}
