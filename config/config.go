// Package config is what an administrator can set: one typed struct, its
// defaults, where each value came from, and the words that explain it.
//
// A setting is looked for in four places, and the first that has it wins:
// command line flags, the environment (BLINDCOPY_SMTP_LISTEN for smtp.listen),
// a YAML file, the defaults. Whatever is not understood is an error that names
// the key and the place it stands in: a typing error in a setting that guards
// mail must not pass as its default.
//
// Nothing here opens a database, resolves a name or reads a certificate; that a
// value is well formed is all Load promises. A Config is read-only once loaded.
package config

import "net/netip"

// Config holds every setting. Load fills it; nobody writes to it afterwards.
//
// The tags are the documentation: Sample, Markdown and the error messages are
// printed from them. `key` is the name below its section, `doc` the prose, `is`
// the form a text must have (see form), `empty` that it may be none at all, `one`
// the closed set it is from, and `min` and `max` the bounds of a number. `secret`
// says that it is masked when shown, wholly or (dsn) where a URL has its password,
// and that it can be read from a file (see secret.go).
type Config struct {
	Domain          string   `key:"domain" is:"domain" doc:"The domain of the BCC addresses. Its MX record points at this server."`
	InternalDomains []string `key:"internal_domains" is:"domain" doc:"The company's own mail domains. People there are colleagues, never clients."`
	Database        string   `key:"database" is:"database" secret:"dsn" doc:"A path is an SQLite database, relative to the working directory. postgres://... is reserved: PostgreSQL is not built yet."`
	DiskReserve     Size     `key:"disk_reserve" min:"0" max:"1024GiB" doc:"Room that mail leaves free on the disk of the database, on a small disk a twentieth of it at most. With less, mail is answered 452 and waits at its senders; people's changes go on."`

	SMTP      SMTP      `key:"smtp" doc:"The mail server that takes BCC copies."`
	LMTP      LMTP      `key:"lmtp" doc:"LMTP (RFC 2033), for a mail server on the same machine that hands over mail."`
	Linking   Linking   `key:"linking" doc:"How a mail finds its timelines. A mailbox that has a policy of its own uses that."`
	Retention Retention `key:"retention" doc:"How long things are kept that are on no timeline. A filed mail lives as long as its activity."`
	BCC       BCC       `key:"bcc" doc:"The personal BCC addresses."`
	Limits    Limits    `key:"limits" doc:"Bounds on what one mail may cost. Over a bound a mail is filed from what was read, never refused."`
	Web       Web       `key:"web" doc:"The pages in the browser, and /healthz, /readyz and /metrics."`
	Log       Log       `key:"log" doc:"The log, on standard error."`

	file    string
	sources map[string]Source
}

// SMTP is the section smtp.
type SMTP struct {
	Listen          []string       `key:"listen" is:"listen" doc:"Addresses to listen on. A mail server that others reach through an MX record needs port 25."`
	Hostname        string         `key:"hostname" is:"domain" empty:"yes" doc:"The name in the greeting. Empty: the machine's name."`
	TLS             TLS            `key:"tls" doc:"STARTTLS is offered when there is a certificate: from files, or got by ACME."`
	TrustedNetworks []netip.Prefix `key:"trusted_networks" doc:"Networks that submit mail: what comes from here counts as written by its author. Never list a relay that also takes mail from outside."`
	RelayNetworks   []netip.Prefix `key:"relay_networks" doc:"Your own mail servers that also receive from outside. Exempt from connection limits only; authors are still authenticated."`
	AuthservIDs     []string       `key:"authserv_ids" is:"word" doc:"Names (authserv-id, RFC 8601) whose Authentication-Results fields are believed when they come from relay_networks. Only fields above the Received field that the relay wrote when it took the message count: what stands below may be anybody's."`

	MaxMessageBytes     Size           `key:"max_message_bytes" min:"1" max:"1GiB" doc:"The largest message taken, as offered by SIZE (RFC 1870). Larger ones are answered 552."`
	MaxRecipients       int            `key:"max_recipients" min:"1" max:"10000" doc:"RCPT commands in one transaction. RFC 5321 section 4.5.3.1.8 asks for at least 100."`
	MaxConnections      int            `key:"max_connections" min:"1" max:"100000" doc:"Connections at once; one more is answered 421. Trusted and relay networks are exempt."`
	MaxConnectionsPerIP int            `key:"max_connections_per_ip" min:"1" max:"100000" doc:"Connections at once from one address. Trusted and relay networks are exempt."`
	ReadTimeout         Duration       `key:"read_timeout" min:"1s" max:"1d" doc:"How long a silent client is waited for. RFC 5321 section 4.5.3.2.7 asks for 5 minutes."`
	ProxyNetworks       []netip.Prefix `key:"proxy_networks" doc:"Load balancers that send a PROXY protocol header with the client's address."`
}

// TLS is the section smtp.tls.
type TLS struct {
	CertFile string `key:"cert_file" doc:"PEM file with the certificate and its chain. Set together with key_file. Read again when it changes."`
	KeyFile  string `key:"key_file" doc:"PEM file with the private key."`

	ACME          []string `key:"acme" is:"public" doc:"Host names, smtp.hostname among them, to get certificates for by ACME (RFC 8555) and to renew them. Setting it accepts the terms of the authority. Instead of cert_file."`
	ACMEEmail     string   `key:"acme_email" is:"email" empty:"yes" doc:"Where the authority may write to."`
	ACMEDirectory string   `key:"acme_directory" is:"url" doc:"URL of the authority's directory."`
	ACMEListen    string   `key:"acme_listen" is:"listen" doc:"Where the authority's question (HTTP-01) is answered. It asks at port 80 of each host."`
	ACMEFolder    string   `key:"acme_folder" empty:"yes" doc:"Folder of the certificates and their keys. Empty: beside the database, its name with .acme behind it."`
}

// LMTP is the section lmtp.
type LMTP struct {
	Listen []string `key:"listen" is:"listen" doc:"Addresses to listen on, or unix:/path/to/socket. Empty: no LMTP."`
}

// Linking is the section linking.
type Linking struct {
	UnknownOutgoing  UnknownPolicy `key:"unknown_outgoing" one:"ignore|review|lead|contact" doc:"What an address nobody knows becomes when a user writes to it, or forwards its mail by hand."`
	UnknownIncoming  UnknownPolicy `key:"unknown_incoming" one:"ignore|review|lead|contact" doc:"The same for mail that a user redirects to the BCC address."`
	Deals            DealPolicy    `key:"deals" one:"ask|last_correspondence|newest|all|none" doc:"When several open deals fit equally well: leave the choice to a user (ask), or take one of them."`
	CreateFrom       CreateFrom    `key:"create_from" one:"to|to_cc" doc:"Which recipients may become new leads or contacts."`
	SenderAuth       SenderAuth    `key:"sender_auth" one:"off|mark|require" doc:"What SPF, DKIM and DMARC decide. mark: a forged author is filed with a badge and creates nothing. require: it is held."`
	InternalInThread InThread      `key:"internal_in_thread" one:"hold|ignore" doc:"Mail among colleagues inside a thread that is on a timeline."`
	FreeMailDomains  []string      `key:"free_mail_domains" is:"domain" doc:"Domains that belong to no company, besides the bundled list."`
	RoleAddresses    []string      `key:"role_addresses" is:"word" doc:"Local parts, or whole addresses, that are no person, besides the bundled list: billing, jobs@client.example."`
	TrustedSenders   []string      `key:"trusted_senders" is:"sender" doc:"Applications that may write on behalf of a user: an address, or a domain. They must be authenticated, or come from trusted_networks."`
}

// Retention is the section retention.
type Retention struct {
	Unfiled Duration `key:"unfiled" min:"1s" max:"36500d" doc:"The content of held mail, and the raw bytes of duplicates."`
	Traces  Duration `key:"traces" min:"1s" max:"36500d" doc:"What explain tells about mail that was not filed."`
}

// BCC is the section bcc.
type BCC struct {
	RotationGrace Duration `key:"rotation_grace" min:"0" max:"36500d" doc:"How long an old address still works after a new one was made. 0: not at all."`
}

// Limits is the section limits.
type Limits struct {
	RecipientsMatched int  `key:"recipients_matched" min:"1" max:"10000" doc:"Known recipients that are linked; the rest is named in the trace."`
	Parts             int  `key:"parts" min:"1" max:"1000" doc:"MIME parts that are read."`
	Depth             int  `key:"depth" min:"1" max:"32" doc:"How deep MIME parts may nest."`
	HeaderBytes       Size `key:"header_bytes" min:"1KiB" max:"16MiB" doc:"The part of a message header that is read."`
	BodyDisplayBytes  Size `key:"body_display_bytes" min:"1KiB" max:"64MiB" doc:"The display copy of a body. The raw mail is kept whole."`
	CreatedPerMail    int  `key:"created_per_mail" min:"0" max:"1000" doc:"New leads or contacts from one mail. 0: none ever."`
	BulkRecipients    int  `key:"bulk_recipients" min:"1" max:"10000" doc:"A mail to more external recipients than this is bulk and creates nothing."`
}

// Web is the section web.
type Web struct {
	Listen    string `key:"listen" is:"listen" empty:"yes" doc:"Address to listen on. none: no HTTP server."`
	PublicURL string `key:"public_url" is:"url" doc:"What users type to reach it; links in messages start with this."`

	DealStages []string `key:"deal_stages" doc:"The columns of the board of deals, in their order. Other stages that people write follow behind these."`
}

// Log is the section log.
type Log struct {
	Format LogFormat `key:"format" one:"text|json" doc:"Lines for people, or one JSON object a line."`
	Level  LogLevel  `key:"level" one:"debug|info|warn|error" doc:"The least serious line that is written."`
}

// File returns the path of the file that was read, or "" if there was none.
func (c *Config) File() string { return c.file }
