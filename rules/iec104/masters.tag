# The controlling stations of the site: control centres and their substitutes. Who else
# controls is a rogue master, and several rules of this pack ask for it.
param masters: set<ip> max 256 = {}
