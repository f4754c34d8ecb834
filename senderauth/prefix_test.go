package senderauth

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// signPrefix signs a message for corp.example with l=, which the library does not do: whatever is
// appended, the signature holds (RFC 6376 §3.5). The body is canonicalized as simple, the header as relaxed.
func signPrefix(t testing.TB, raw string) string {
	t.Helper()
	head, body, _ := strings.Cut(raw, "\r\n\r\n")
	hash := sha256.Sum256([]byte(body))
	field := fmt.Sprintf("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/simple; d=corp.example; s=e; h=from; l=%d; bh=%s; b=",
		len(body), base64.StdEncoding.EncodeToString(hash[:]))
	signed := ""
	for line := range strings.SplitSeq(head, "\r\n") {
		if from, ok := strings.CutPrefix(line, "From: "); ok {
			signed = "from:" + from + "\r\n"
		}
	}
	digest := sha256.Sum256([]byte(signed + strings.Replace(field, "DKIM-Signature: ", "dkim-signature:", 1)))
	signature, err := keys().ed.Sign(rand.Reader, digest[:], crypto.Hash(0))
	if err != nil {
		t.Fatalf("sign with l=: %v", err)
	}
	return field + base64.StdEncoding.EncodeToString(signature) + "\r\n" + raw
}
