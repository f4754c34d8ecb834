package main

import (
	"context"
	"errors"
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
	case k.hello == "EHLO" && offersTLS(d.cfg) && !r.startTLS:
		f.warning(check, "Restart the server, if smtp.tls was set since. With smtp.tls.acme its log says why there is no certificate yet.", "blindcopy answers, and offers no STARTTLS although smtp.tls is set")
	default:
		f.ok(check, "blindcopy answers as %s", r.name())
		d.handshake(f, check, r)
	}
}

// handshake reports on what STARTTLS came to. That it shows the certificate which lies in the files is not a
// matter of course: somebody may have renewed it where the server cannot read.
func (d *doctor) handshake(f *findings, check string, r reply) {
	switch {
	case !r.startTLS:
	case r.tlsError != nil:
		f.problem(check, "The log of the server says why.", "STARTTLS fails: %v", r.tlsError)
	case r.shown.NotAfter.Before(d.now()):
		f.problem(check, "Renew it; see the area tls.", "the certificate that the server shows ended on %s", r.shown.NotAfter.UTC().Format(time.DateOnly))
	case r.shown.VerifyHostname(d.cfg.SMTP.Hostname) != nil:
		f.warning(check, "See the area tls.", "the certificate that the server shows is for %s", certified(r.shown))
	default:
		f.ok(check, "%s, with a certificate until %s", r.version, r.shown.NotAfter.UTC().Format(time.DateOnly))
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
