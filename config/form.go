package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// form checks a text against the form that a tag `is` names and returns it as
// it is kept. The error continues a sentence that starts with the text.
func form(is, text string) (string, error) {
	switch is {
	case "domain":
		return domain(text)
	case "public":
		return publicName(text)
	case "email":
		return email(text)
	case "database":
		return database(text)
	case "listen":
		return listenAddress(text)
	case "url":
		return publicURL(text)
	case "word":
		return word(text)
	case "sender":
		return sender(text)
	}
	return text, nil
}

// domain lower-cases a domain name. Letters beyond ASCII stay as they are:
// matching turns both sides into A-labels.
// An underscore is no host name's (RFC 952) but is seen in mail domains.
func domain(text string) (string, error) {
	name := strings.ToLower(text)
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return "", errors.New("is not a domain name; write it alone, such as bcc.example.com")
		}
	}
	// RFC 1035 section 2.3.4.
	if len(name) > 253 {
		return "", errors.New("is longer than the 253 characters of a domain name")
	}
	if _, err := strconv.Atoi(labels[len(labels)-1]); err == nil {
		return "", errors.New("ends in a number; write a domain name, not an IP address")
	}
	return name, nil
}

// publicName takes the name of a host that others can ask for: no authority certifies any other.
func publicName(text string) (string, error) {
	name, err := domain(text)
	if err != nil || !strings.Contains(name, ".") || strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", errors.New("is not the full name of a host; write for example mx.example.com, with other letters as xn--")
	}
	return name, nil
}

// email takes one plain address.
func email(text string) (string, error) {
	at := strings.LastIndexByte(text, '@')
	if at <= 0 {
		return "", errors.New("is not an e-mail address")
	}
	address, err := sender(text)
	if err != nil {
		return "", errors.New("is not an e-mail address")
	}
	return address, nil
}

func isLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, r := range label {
		if r != '-' && r != '_' && !unicode.In(r, unicode.L, unicode.M, unicode.N) {
			return false
		}
	}
	return true
}

// database takes any path and postgres URLs. Its errors do not repeat the text,
// which may hold a password; nor may they wrap url.Parse's, which does.
func database(text string) (string, error) {
	scheme, _, isURL := strings.Cut(text, "://")
	switch {
	case text == "":
		return "", errors.New("is empty; write the path of an SQLite database, such as blindcopy.db")
	case !isURL:
		return text, nil
	case scheme != "postgres" && scheme != "postgresql":
		return "", errors.New("is of a kind that is not known here; write a path (SQLite) or a postgres URL")
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" {
		return "", errors.New("is not a postgres URL; write postgres://user:password@host/name, special characters percent-encoded")
	}
	return text, nil
}

// listenAddress takes host:port, :port and unix:/path. Names of ports and hosts
// are left to the system.
func listenAddress(text string) (string, error) {
	if path, isUnix := strings.CutPrefix(text, "unix:"); isUnix && path != "" {
		return text, nil
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, " /") {
		return "", errors.New(`is not an address to listen on; write ":2525" or "127.0.0.1:2525"`)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", errors.New("has no port from 0 to 65535")
	}
	return text, nil
}

// publicURL takes the address of a site's root, without the slash at its end,
// because paths are appended to it.
func publicURL(text string) (string, error) {
	u, err := url.Parse(text)
	isWeb := err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
	if !isWeb || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", errors.New("is not the URL of a site; write for example https://mail.example.com")
	}
	return strings.TrimRight(text, "/"), nil
}

// word lower-cases a name that is compared whole.
func word(text string) (string, error) {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", errors.New("is not a single word")
	}
	return strings.ToLower(text), nil
}

// sender takes an address, or the domain of many.
func sender(text string) (string, error) {
	at := strings.LastIndexByte(text, '@')
	local, err := "", error(nil)
	if at > 0 {
		local, err = word(text[:at])
	}
	host, hostErr := domain(text[at+1:])
	if at == 0 || err != nil || hostErr != nil {
		return "", errors.New("is neither an address nor a domain")
	}
	if at < 0 {
		return host, nil
	}
	return local + "@" + host, nil
}

// prefix reads a network, or one address as the network of one. An address with
// bits beyond its mask is an error: which of the two was mistyped, and so whom
// to trust, is the administrator's to say.
func prefix(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, errors.New("is not a network; write for example 10.0.0.0/8 or 192.0.2.7")
	}
	if network != network.Masked() {
		return netip.Prefix{}, errors.New("has bits beyond its mask; write " + network.Masked().String() + " or " + network.Addr().String())
	}
	return network, nil
}
