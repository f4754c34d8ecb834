package web

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
)

// mailBody is the text of a mail as a document of its own, for a sandboxed frame.
type mailBody struct {
	inside string // safe HTML
	images bool   // load what lies on other machines: its sender learns that it is read
}

// mailBody answers with the HTML of a mail, or with its text: ?as=text. Remote images are shown when asked for: ?images=1.
func (s *Server) mailBody(r *request) (answer, error) {
	act, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	c, err := s.contentOf(r, act)
	if err != nil {
		return nil, err
	}
	return r.body(c), nil
}

// body is a content as it is asked for.
func (r *request) body(c MailContent) mailBody {
	if c.HTML == "" || r.query("as") == "text" {
		return mailBody{inside: "<pre>" + html.EscapeString(c.Text) + "</pre>"}
	}
	b := mailBody{inside: c.HTML, images: r.query("images") == "1"}
	if b.images {
		b.inside = withRemoteImages(b.inside)
	}
	return b
}

// framePolicy is the content security policy of mail: no script, no form, nothing fetched, and sandboxed also where
// it is opened outside of our frame. Links open in a new window.
const framePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:%s; form-action 'none'; base-uri 'none'; " +
	"frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

// frameHead makes mail readable that says nothing of its looks. Mail is written for white paper.
const frameHead = `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>Mail</title>` +
	`<style>body{margin:16px;background:#fff;color:#1c1e1d;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}` +
	`pre{white-space:pre-wrap;font:inherit;margin:0}blockquote{margin:8px 0 8px 4px;padding-left:12px;border-left:2px solid #ccc}table{max-width:100%}` +
	`img[data-remote-src],img[data-missing]{outline:1px dashed #999;min-width:12px;min-height:12px}</style></head><body>`

func (b mailBody) send(_ *Server, w http.ResponseWriter, _ *request) error {
	remote := ""
	if b.images {
		remote = " https: http:"
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", fmt.Sprintf(framePolicy, remote))
	h.Set("Cache-Control", "no-store")
	h.Set("X-DNS-Prefetch-Control", "off")                      // to look a name up would tell, too
	_, _ = fmt.Fprint(w, frameHead, b.inside, "</body></html>") // whoever asked has gone
	return nil
}

// remoteImage is an image as message.SanitizeHTML leaves it. A quotation mark within a text or another attribute is
// escaped there, so that nothing else looks like it.
var remoteImage = regexp.MustCompile(` data-remote-src="([^"]*)"`)

// withRemoteImages lets the images load that lie on other machines.
func withRemoteImages(body string) string {
	return remoteImage.ReplaceAllStringFunc(body, func(attribute string) string {
		address := remoteImage.FindStringSubmatch(attribute)[1]
		if strings.HasPrefix(address, "//") {
			address = "https:" + address
		}
		return ` referrerpolicy="no-referrer" src="` + address + `"`
	})
}
