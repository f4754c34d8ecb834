package message

import (
	"fmt"
	"strings"
)

// Warning is something odd about a mail. Code is for programs and tests, Detail for people.
type Warning struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Codes of warnings.
const (
	WarnNoHeader        = "no_header"         // no header field at all
	WarnMboxLine        = "mbox_line"         // an mbox "From " line stood before the header
	WarnHeaderJunk      = "header_junk"       // header lines without a colon were set aside
	WarnNoSeparator     = "no_separator"      // no blank line between header and body
	WarnHeaderLimit     = "header_limit"      // the header is longer than we read
	WarnDuplicateField  = "duplicate_field"   // a field that may stand once stands several times
	WarnAddress         = "address_recovered" // an address field had to be repaired
	WarnAddressLimit    = "address_limit"     // more addresses than we read
	WarnDate            = "date_unreadable"   // Date is missing or not understood
	WarnContentType     = "content_type"      // a Content-Type that does not parse
	WarnEncoding        = "encoding_unknown"  // unknown Content-Transfer-Encoding, content kept as it is
	WarnCorrupt         = "encoding_corrupt"  // broken base64 or quoted-printable in a body
	WarnCharset         = "charset_unknown"   // unknown charset, guessed
	WarnCharsetWrong    = "charset_wrong"     // the text is not in the charset it declares, guessed
	WarnBoundaryMissing = "boundary_missing"  // a multipart without boundary, or whose boundary never appears
	WarnBoundaryOpen    = "boundary_open"     // a multipart without its final boundary
	WarnPartLimit       = "part_limit"        // more parts than we read
	WarnDepthLimit      = "depth_limit"       // nested deeper than we read
	WarnOriginalLimit   = "original_limit"    // more attached mails, or nested deeper, than we read
	WarnTimeLimit       = "time_limit"        // the time ran out
)

const maxWarnings = 50

// warn notes something odd once per code and detail.
func (m *Message) warn(code, format string, args ...any) {
	if len(m.Warnings) >= maxWarnings {
		return
	}
	w := Warning{Code: code, Detail: format}
	if len(args) > 0 {
		w.Detail = fmt.Sprintf(format, args...)
	}
	for _, seen := range m.Warnings {
		if seen == w {
			return
		}
	}
	m.Warnings = append(m.Warnings, w)
}

// limit notes a warning that means that something was left out.
func (m *Message) limit(code, format string, args ...any) {
	m.Truncated = true
	m.warn(code, format, args...)
}

// excerpt makes a short printable piece of untrusted text for a warning.
func excerpt(s string) string {
	return cleanText(strings.ToValidUTF8(cutString(s, 80), "\uFFFD"))
}
