package config

import "net/netip"

// The closed sets of values. Each is a type, so that one cannot be handed over
// where another is wanted; the words are those of the configuration file.
type (
	UnknownPolicy string
	DealPolicy    string
	CreateFrom    string
	SenderAuth    string
	InThread      string
	LogFormat     string
	LogLevel      string
)

const (
	UnknownIgnore  UnknownPolicy = "ignore"
	UnknownReview  UnknownPolicy = "review"
	UnknownLead    UnknownPolicy = "lead"
	UnknownContact UnknownPolicy = "contact"

	DealsAsk                DealPolicy = "ask"
	DealsLastCorrespondence DealPolicy = "last_correspondence"
	DealsNewest             DealPolicy = "newest"
	DealsAll                DealPolicy = "all"
	DealsNone               DealPolicy = "none"

	CreateFromTo   CreateFrom = "to"
	CreateFromToCc CreateFrom = "to_cc"

	SenderAuthOff     SenderAuth = "off"
	SenderAuthMark    SenderAuth = "mark"
	SenderAuthRequire SenderAuth = "require"

	InThreadHold   InThread = "hold"
	InThreadIgnore InThread = "ignore"

	LogText LogFormat = "text"
	LogJSON LogFormat = "json"

	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// Defaults returns the settings of a server that nobody has configured: it
// listens on a port that needs no privilege and trusts its own machine only.
// Lists are empty rather than nil, so that they show as [].
func Defaults() *Config {
	return &Config{
		Domain:          "localhost",
		InternalDomains: []string{},
		Database:        "blindcopy.db",
		DiskReserve:     200 * MiB,
		SMTP: SMTP{
			Listen: []string{":2525"},
			TrustedNetworks: []netip.Prefix{
				netip.MustParsePrefix("127.0.0.0/8"),
				netip.MustParsePrefix("::1/128"),
			},
			TLS: TLS{
				ACME:          []string{},
				ACMEDirectory: "https://acme-v02.api.letsencrypt.org/directory",
				ACMEListen:    ":80",
			},
			RelayNetworks:       []netip.Prefix{},
			AuthservIDs:         []string{},
			MaxMessageBytes:     35 * MiB,
			MaxRecipients:       100,
			MaxConnections:      1000,
			MaxConnectionsPerIP: 50,
			ReadTimeout:         5 * Minute,
			ProxyNetworks:       []netip.Prefix{},
		},
		LMTP: LMTP{Listen: []string{}},
		Linking: Linking{
			UnknownOutgoing:  UnknownLead,
			UnknownIncoming:  UnknownReview,
			Deals:            DealsAsk,
			CreateFrom:       CreateFromTo,
			SenderAuth:       SenderAuthMark,
			InternalInThread: InThreadHold,
			FreeMailDomains:  []string{},
			RoleAddresses:    []string{},
			TrustedSenders:   []string{},
		},
		Retention: Retention{Unfiled: 30 * Day, Traces: 90 * Day},
		BCC:       BCC{RotationGrace: 30 * Day},
		Limits: Limits{
			RecipientsMatched: 50,
			Parts:             200,
			Depth:             20,
			HeaderBytes:       256 * KiB,
			BodyDisplayBytes:  1 * MiB,
			CreatedPerMail:    5,
			BulkRecipients:    20,
		},
		Web: Web{Listen: "127.0.0.1:8025", PublicURL: "http://127.0.0.1:8025", DealStages: []string{}},
		Log: Log{Format: LogText, Level: LogInfo},
	}
}
