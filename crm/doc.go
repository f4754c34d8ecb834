// Package crm holds the nouns of the trade and the pure rules about them: addresses,
// users and their BCC addresses, contacts, companies, leads, deals, the activities on
// their timelines, and the intake that explains how a message became one.
//
// Nothing here reads a disk, a network or a clock. The JSON tags are the promise that
// the command line makes to other programs: absent is null, an empty list is [], times
// are RFC 3339 in UTC.
package crm
