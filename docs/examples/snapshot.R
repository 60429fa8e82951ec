# A snapshot in R, with base R alone. Set SCTRIAL_URL to an address from
# POST /api/v1/cohorts/snapshots/{id}/links with "table": "daily", "format": "csv".
daily <- read.csv(Sys.getenv("SCTRIAL_URL"), stringsAsFactors = FALSE)
pain <- daily[daily$parameter == "average", ]
means <- aggregate(value ~ trial_id + phase, data = pain, FUN = mean)
write.csv(means, stdout(), row.names = FALSE)
