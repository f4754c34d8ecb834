package main

import (
	"log/slog"

	"blindcopy/config"
	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/message"
	"blindcopy/senderauth"
)

// policy is what the configuration says about linking, in the linker's words.
func policy(cfg *config.Config) linker.Policy {
	p := linker.Defaults(cfg.Domain)
	p.InternalDomains = cfg.InternalDomains
	p.UnknownOutgoing = crm.Policy(cfg.Linking.UnknownOutgoing)
	p.UnknownIncoming = crm.Policy(cfg.Linking.UnknownIncoming)
	p.Deals = linker.DealChoice(cfg.Linking.Deals)
	p.CreateFromCc = cfg.Linking.CreateFrom == config.CreateFromToCc
	p.SenderAuth = linker.AuthMode(cfg.Linking.SenderAuth)
	p.IgnoreInternal = cfg.Linking.InternalInThread == config.InThreadIgnore
	p.FreeMail = crm.FreeMailDomains(cfg.Linking.FreeMailDomains...)
	p.Roles = crm.RoleAddresses(cfg.Linking.RoleAddresses...)
	p.TrustedSenders = crm.NewWordList(cfg.Linking.TrustedSenders...)
	p.RotationGrace = cfg.BCC.RotationGrace.Std()
	p.MatchedLimit = cfg.Limits.RecipientsMatched
	p.CreatedPerMail = cfg.Limits.CreatedPerMail
	p.BulkRecipients = cfg.Limits.BulkRecipients
	p.Reading = readingLimits(cfg)
	return p
}

// readingLimits is how much of a mail is read.
func readingLimits(cfg *config.Config) message.Limits {
	return message.Limits{
		Parts:       cfg.Limits.Parts,
		Depth:       cfg.Limits.Depth,
		HeaderBytes: int(cfg.Limits.HeaderBytes),
		BodyBytes:   int(cfg.Limits.BodyDisplayBytes),
	}
}

// authenticator looks at SPF, DKIM and DMARC of mail that does not come from a trusted network.
func authenticator(cfg *config.Config, dns senderauth.Resolver, log *slog.Logger) *senderauth.Checker {
	return senderauth.New(senderauth.Options{
		Resolver:      dns,
		RelayNetworks: cfg.SMTP.RelayNetworks,
		AuthservIDs:   cfg.SMTP.AuthservIDs,
		Log:           log,
	})
}
