package crm

import "testing"

func TestFreeMailListHoldsDomainsOnly(t *testing.T) {
	list := FreeMailDomains()
	if len(list) < 400 {
		t.Fatalf("only %d bundled free-mail domains", len(list))
	}
	for d := range list {
		if NormalDomain(d) != d {
			t.Errorf("%q is not a domain in normal form", d)
		}
	}
}
