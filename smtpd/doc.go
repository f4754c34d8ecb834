// Package smtpd is the way in: an SMTP and LMTP server (RFC 5321, RFC 2033) that hands
// each message, with its envelope, to an Inbox and answers 250 only after the Inbox has
// taken it.
//
// A session has three layers, each a file or two:
//
//	conn.go       the bytes: deadlines, minimum rate, end of file, TLS, stopping
//	gate.go       the lines: one command at a time is read, checked (command.go, verbs.go,
//	              limits.go) and shown to go-smtp; every reply passes here on its way out
//	session.go    what go-smtp calls: Mail, Rcpt, Data
//
// Between the gate and go-smtp pass command lines only. A message body is read by body.go
// and chunk.go straight from the connection in blocks, so no byte of a body can ever be
// taken for a command. docs/adr/0005-the-gate-before-go-smtp.md gives the reasons.
//
// The package knows no rule of the CRM. What a forward path is, and what becomes of a
// message, is the Inbox's business; reply.go turns its errors into replies.
package smtpd
