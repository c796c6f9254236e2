# These rules ask what a message does, not which protocol says it: `on ot` sees each message
# of every industrial protocol that is decoded, once. The packs of the protocols have more
# to show; a site that loads both gets both alerts.
# The engineering stations of the site. Several rules of this pack ask for it.
param ot_engineering: set<ip> max 1024 = {}
