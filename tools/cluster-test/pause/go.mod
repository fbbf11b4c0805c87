module sluice.test/pause

go 1.26.0
