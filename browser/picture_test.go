package browser_test

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// screens is the folder of the pictures; git ignores it.
const screens = "screens"

// keep takes a picture of the whole page.
func (b *tab) keep(name string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(screens, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(screens, name+".png"), picture, 0o644)
	}
	if err != nil {
		b.t.Logf("take a picture of %s: %v", name, err)
	}
}
