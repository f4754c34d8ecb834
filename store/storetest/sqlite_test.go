package storetest_test

import (
	"testing"

	"blindcopy/store"
	"blindcopy/store/storetest"
)

func TestSQLite(t *testing.T) { storetest.Run(t, store.Open) }
