package web

import (
	"net/http"
	"net/url"
	"sync"
	"time"
	_ "time/tzdata" // a container may have no zones
)

// zones are the time zones that browsers have named: app.js puts the name into a cookie. Without it times are in UTC.
type zones struct{ known sync.Map }

func (z *zones) of(r *http.Request) *time.Location {
	cookie, err := r.Cookie("zone")
	if err != nil {
		return time.UTC
	}
	name, err := url.QueryUnescape(cookie.Value)
	if err != nil || len(name) > 64 || name == "Local" {
		return time.UTC
	}
	if found, ok := z.known.Load(name); ok {
		return found.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	z.known.Store(name, zone) // there are some 600
	return zone
}
