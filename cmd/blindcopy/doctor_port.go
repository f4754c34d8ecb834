package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/textproto"
	"strings"
	"time"

	"blindcopy/config"
)

// portPatience bounds one conversation with a port.
const portPatience = 4 * time.Second

// ports asks who answers where mail should come in.
func (d *doctor) ports(ctx context.Context) []finding {
	f := findings{area: "port"}
	for _, address := range d.cfg.SMTP.Listen {
		d.port(ctx, &f, "smtp "+address, knock{network: "tcp", address: reachable(address), hello: "EHLO"})
	}
	for _, address := range d.cfg.LMTP.Listen {
		k := knock{network: "tcp", address: reachable(address), hello: "LHLO"}
		if path := strings.TrimPrefix(address, "unix:"); strings.Contains(path, "/") {
			k.network, k.address = "unix", path
		}
		d.port(ctx, &f, "lmtp "+address, k)
	}
	d.port25(&f)
	d.web(ctx, &f)
	return f.list
}

// port reports on one address.
func (d *doctor) port(ctx context.Context, f *findings, check string, k knock) {
	_, port, _ := net.SplitHostPort(k.address)
	if k.network == "tcp" && port == "0" {
		f.warning(check, "Give it a number.", "any free port: nobody can know which")
		return
	}
	if k.network == "tcp" && behindProxy(d.cfg, k.address) {
		f.warning(check, "Ask through the load balancer: swaks --quit-after BANNER --server …", "takes connections with a PROXY header only, and cannot be asked from here")
		return
	}
	r, err := k.ask(ctx)
	var code *textproto.Error
	switch {
	case errors.As(err, &code):
		f.warning(check, "The log of the server says why. Try again in a moment.", "answers %d %s", code.Code, code.Msg)
	case err != nil:
		f.problem(check, "Start the server: blindcopy serve, or systemctl start blindcopy. Its log says why if it does not start.", "nobody answers: %v", err)
	case !r.ours():
		f.problem(check, "Stop the other mail server, or set smtp.listen to another address and let it route "+d.cfg.Domain+" here.",
			"somebody else answers: %q", r.greeting)
	case r.name() != d.cfg.SMTP.Hostname:
		f.warning(check, "Restart the server, if smtp.hostname was changed since.", "a blindcopy answers as %s, and smtp.hostname is %s", r.name(), d.cfg.SMTP.Hostname)
	case k.hello == "EHLO" && d.cfg.SMTP.TLS.CertFile != "" && !r.startTLS:
		f.warning(check, "Restart the server, if smtp.tls was set since.", "blindcopy answers, and offers no STARTTLS although a certificate is set")
	default:
		f.ok(check, "blindcopy answers as %s", r.name())
	}
}

// port25 is where mail servers deliver (RFC 5321 §4.5.4.2); an MX record has no place for another.
func (d *doctor) port25(f *findings) {
	if !d.public() || len(d.cfg.SMTP.Listen) == 0 {
		return
	}
	hint := `Set smtp.listen to [":25"], forward port 25 to it, or let your own mail server route ` + d.cfg.Domain + " here. If one of these is so, all is well."
	for _, address := range d.cfg.SMTP.Listen {
		host, port, err := net.SplitHostPort(address)
		if err != nil || port != "25" {
			continue
		}
		if ip, err := netip.ParseAddr(host); host == "localhost" || err == nil && ip.IsLoopback() {
			hint = "Only this machine reaches " + address + ". " + hint
			continue
		}
		f.ok("port 25", "is among smtp.listen")
		return
	}
	f.warning("port 25", hint, "is not among smtp.listen, and other mail servers deliver to no other")
}

// web asks the server itself.
func (d *doctor) web(ctx context.Context, f *findings) {
	if d.cfg.Web.Listen == "" {
		f.ok("web", "off: web.listen is none")
		return
	}
	st, err := askReady(ctx, d.cfg.Web.Listen)
	switch {
	case err == nil:
		f.ok("web "+d.cfg.Web.Listen, "the server says it is ready")
	case st.Status != "":
		f.problem("web "+d.cfg.Web.Listen, "blindcopy healthcheck asks again; the log of the server says more.", "%v", err)
	default:
		f.warning("web "+d.cfg.Web.Listen, "Start the server, if it does not run.", "%v", err)
	}
}

// reachable is where this machine reaches a listening address.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// behindProxy tells whether our own connection would have to open with a PROXY header.
func behindProxy(cfg *config.Config, address string) bool {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return false
	}
	for _, network := range cfg.SMTP.ProxyNetworks {
		if network.Contains(at.Addr()) { // we come from the address we go to
			return true
		}
	}
	return false
}

// knock is a conversation with a mail server that ends before any mail.
type knock struct {
	network, address string
	hello            string // EHLO or LHLO
}

// reply is what it said.
type reply struct {
	greeting string // without its code
	startTLS bool
}

// ours tells whether the greeting is the one of this program: "mx.example.com ESMTP Blindcopy ready".
func (r reply) ours() bool {
	words := strings.Fields(r.greeting)
	return len(words) > 2 && (words[1] == "ESMTP" || words[1] == "LMTP") && words[2] == "Blindcopy"
}

// name is what the server calls itself (RFC 5321 §4.2).
func (r reply) name() string {
	name, _, _ := strings.Cut(r.greeting, " ")
	return name
}

// ask listens to the greeting and says hello. The error is a *textproto.Error where the server declined to talk.
func (k knock) ask(ctx context.Context) (r reply, err error) {
	ctx, cancel := context.WithTimeout(ctx, portPatience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, k.network, k.address)
	if err != nil {
		return r, err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	talk := textproto.NewConn(conn)
	_, greeting, err := talk.ReadResponse(220)
	if err != nil {
		return r, fmt.Errorf("no greeting: %w", err)
	}
	r.greeting, _, _ = strings.Cut(greeting, "\n")
	if !r.ours() {
		return r, nil // no business of ours
	}
	if err := talk.PrintfLine("%s localhost", k.hello); err != nil {
		return r, err
	}
	_, offers, err := talk.ReadResponse(250)
	if err != nil {
		return r, err
	}
	for line := range strings.Lines(offers) {
		r.startTLS = r.startTLS || strings.TrimSpace(line) == "STARTTLS"
	}
	_ = talk.PrintfLine("QUIT") // a courtesy
	return r, nil
}
