package linker

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// MarkField is the header field that mail sent by us carries: an id and its signature. It
// survives relays that rewrite the Message-ID, and shows a loop.
const MarkField = "X-Blindcopy-Mark"

// SignMark makes the value of MarkField for a mail.
func SignMark(secret []byte, id string) string {
	return id + ";" + signature(secret, id)
}

// readMark checks the value of MarkField. forged tells that the field is there, but not by us.
func readMark(secret []byte, value string) (id string, forged bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", false
	}
	id, signed, ok := strings.Cut(value, ";")
	if !ok || id == "" || len(secret) == 0 || !hmac.Equal([]byte(strings.TrimSpace(signed)), []byte(signature(secret, id))) {
		return "", true
	}
	return id, false
}

func signature(secret []byte, id string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("blindcopy mark\x00" + id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
