package config

import (
	"errors"
	"slices"
	"strings"
)

const (
	envPrefix = "BLINDCOPY_"
	envFile   = envPrefix + "CONFIG" // names the file; it is no setting
)

// readEnviron finds the variables that are settings. A variable set to nothing
// counts as not set, because that is how a compose file leaves one out.
func readEnviron(c *Config, environ []string) (layer, error) {
	keys := map[string]string{}
	for _, f := range fields(c) {
		for _, key := range f.keys() {
			keys[variable(key)] = key
		}
	}
	l := newLayer(FromEnvironment)
	var errs []error
	for _, entry := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || name == envFile || isServiceLink(name) {
			continue
		}
		key, isKnown := keys[name]
		switch {
		case !isKnown:
			errs = append(errs, unknownVariable(name, keys))
		case value != "":
			l.put(key, "environment, "+name, value)
		}
	}
	return l, errors.Join(errs...)
}

// isServiceLink tells the variables that a cluster sets for its services.
//
// QUIRK: Kubernetes puts BLINDCOPY_SERVICE_HOST, BLINDCOPY_PORT_2525_TCP and the
// like into every container beside a service named blindcopy, as did Docker's
// links. They are nobody's typing errors, and no key starts with these words.
func isServiceLink(name string) bool {
	rest := strings.TrimPrefix(name, envPrefix)
	return rest == "PORT" || strings.HasPrefix(rest, "PORT_") || strings.HasPrefix(rest, "SERVICE_")
}

// unknownVariable names the nearest variable that exists, and its key.
func unknownVariable(name string, keys map[string]string) *Error {
	err := &Error{Key: name, Where: "environment", Reason: "is no setting; `blindcopy config sample` lists all keys"}
	var names []string
	for known := range keys {
		names = append(names, known)
	}
	slices.Sort(names)
	if near := nearest(name, names); near != "" {
		err.Reason = "is no setting; did you mean " + near + " (" + keys[near] + ")?"
	}
	return err
}

// environFile returns the file that BLINDCOPY_CONFIG names, "" if it is not set.
func environFile(environ []string) string {
	for _, entry := range environ {
		if path, found := strings.CutPrefix(entry, envFile+"="); found {
			return path
		}
	}
	return ""
}
