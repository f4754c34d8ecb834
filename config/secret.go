package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// A setting that is, or may hold, a secret has two keys: its own, and the same with _file behind it, which names
// a file that holds the value. Orchestrators hand out secrets as files, and a file shows up in no list of
// processes, of variables or of mounted configuration.

const fileSuffix = "_file"

// maxSecret bounds a file that a secret is read from, in bytes.
const maxSecret = 64 << 10

func (f field) isSecret() bool  { return f.tag.Get("secret") != "" }
func (f field) fileKey() string { return f.key + fileSuffix }

// setFrom sets the field to what a layer has under key, one of its keys.
func (f field) setFrom(from layer, key string) error {
	if key == f.key {
		return f.set(from.values[key])
	}
	if _, both := from.values[f.key]; both {
		return fmt.Errorf("stands beside %s; set one of the two", f.key)
	}
	path, isText := from.values[key].(string)
	if !isText {
		return errors.New("is not the path of a file")
	}
	value, err := readSecret(path)
	if err != nil {
		return err
	}
	return f.set(value)
}

// readSecret returns what stands in a file, without the line ends behind it. Its errors name the path and never
// what the file holds.
func readSecret(path string) (string, error) {
	content, err := readBounded(path, maxSecret)
	if err != nil {
		return "", fmt.Errorf("%s %s", path, plain(err))
	}
	value := strings.TrimRight(content, "\r\n")
	switch {
	case strings.TrimSpace(value) == "":
		return "", fmt.Errorf("%s is empty", path)
	case strings.ContainsAny(value, "\r\n\x00"):
		return "", fmt.Errorf("%s holds more than one line of text", path)
	}
	return value, nil
}

const masked = "xxxxx"

// masked is the value of a secret as it may be shown.
func (f field) masked() string {
	switch text := f.value.String(); {
	case text == "":
		return ""
	case f.tag.Get("secret") == "dsn":
		return mask(text)
	}
	return masked
}

// DatabaseName is the setting database as it may be shown: without a password.
func (c *Config) DatabaseName() string { return mask(c.Database) }

// password finds one given as a parameter: password=..., sslpassword=...
var password = regexp.MustCompile(`(?i)(pass(?:word|wd)?=)('[^']*'|[^&\s]*)`)

// mask replaces the password in a database URL. A path comes back unchanged.
func mask(dsn string) string {
	dsn = password.ReplaceAllString(dsn, "${1}"+masked)
	if !strings.Contains(dsn, "://") {
		return dsn
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return masked
	}
	return u.Redacted()
}
