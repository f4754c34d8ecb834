// Package smtpd is the way in: an SMTP and LMTP server (RFC 5321, RFC 2033) that hands
// each message, with its envelope, to an Inbox and answers 250 only after the Inbox has
// taken it.
//
// A session is read from the bottom up:
//
//	conn.go         the bytes: deadlines, minimum rate, end of file, TLS, stopping
//	command.go      one command line: its verb, its path, its parameters
//	session.go      one command after the other, each with its reply
//	verbs.go        what each command does, and when it is in order
//	transaction.go  the envelope that MAIL and RCPT collect
//	receive.go      the body, block by block (body.go, chunk.go), into a spool
//	deliver.go      the whole message, to the Inbox
//
// Commands and bodies are read by different code from the same connection: no byte of a body
// can ever be taken for a command. docs/adr/0007-a-session-of-our-own.md gives the reasons.
//
// The package knows no rule of the CRM. What a forward path is, and what becomes of a
// message, is the Inbox's business; reply.go turns its errors into replies.
package smtpd
