package config

import (
	"net/netip"
	"slices"
)

// validate checks what no setting can be judged by alone.
func (c *Config) validate() error {
	switch tls := c.SMTP.TLS; {
	case len(tls.ACME) > 0 && tls.CertFile+tls.KeyFile != "":
		return &Error{"smtp.tls.acme", "", "stands beside smtp.tls.cert_file; set one of the two"}
	case tls.CertFile != "" && tls.KeyFile == "":
		return &Error{"smtp.tls.key_file", "", "is missing, although smtp.tls.cert_file is set"}
	case tls.CertFile == "" && tls.KeyFile != "":
		return &Error{"smtp.tls.cert_file", "", "is missing, although smtp.tls.key_file is set"}
	}
	return nil
}

// Warnings returns a sentence for each setting that is allowed and yet hardly
// meant, for the log at start and for `config check`.
func (c *Config) Warnings() []string {
	var all []string
	if slices.Contains(c.InternalDomains, c.Domain) {
		all = append(all, "domain: "+c.Domain+" is among internal_domains too: every address of a colleague there counts as a BCC address")
	}
	if len(c.SMTP.Listen)+len(c.LMTP.Listen) == 0 {
		all = append(all, "smtp.listen and lmtp.listen are both empty: no mail can arrive")
	}
	if names := c.SMTP.TLS.ACME; len(names) > 0 && !slices.Contains(names, c.SMTP.Hostname) {
		all = append(all, "smtp.tls.acme does not hold smtp.hostname "+c.SMTP.Hostname+", the name that other mail servers compare the certificate with")
	}
	if isEverybody(c.SMTP.TrustedNetworks) {
		all = append(all, "smtp.trusted_networks holds the whole internet: anybody can write as any user")
	}
	if isEverybody(c.SMTP.ProxyNetworks) {
		all = append(all, "smtp.proxy_networks holds the whole internet: anybody can pretend to be any address")
	}
	if len(c.SMTP.AuthservIDs) > 0 && len(c.SMTP.RelayNetworks) == 0 {
		all = append(all, "smtp.authserv_ids has no effect: they are believed from smtp.relay_networks only, which is empty")
	}
	return all
}

func isEverybody(networks []netip.Prefix) bool {
	for _, network := range networks {
		if network.Bits() == 0 {
			return true
		}
	}
	return false
}
