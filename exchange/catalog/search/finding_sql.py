"""The statements of the search. `{where}` and `{after}` are built of the fixed pieces below."""

TEXT = "text_terms @@ %(terms)s::tsquery"
TITLE = "title_terms @@ %(terms)s::tsquery"
FACET = "facets && %({name})s::varchar[]"

# How many there are, and how many of each facet, no further than `ceiling`. The first row is all.
COUNTS = """
WITH hits AS MATERIALIZED (
    SELECT facets FROM catalog_searchentry WHERE {where} LIMIT %(ceiling)s
)
SELECT '' AS facet, count(*) FROM hits
UNION ALL
SELECT facet, count(*) FROM hits CROSS JOIN LATERAL unnest(facets) AS facet GROUP BY facet
"""

# Titles before texts, then how much of the text the words make up, then the newest. Of each kind no
# more than `ranked` are looked at: whoever has so many hits wants another word or another order.
BY_RELEVANCE = """
WITH hits AS (
    (SELECT *, true AS named FROM catalog_searchentry
      WHERE {title} AND {where} LIMIT %(ranked)s)
    UNION ALL
    (SELECT *, false AS named FROM catalog_searchentry
      WHERE {where} AND NOT {title} LIMIT %(ranked)s)
), ranked AS (
    SELECT product_id, card, listed_at, named,
           round(ts_rank(text_terms, %(terms)s::tsquery, 1)::numeric, 6) AS rank
      FROM hits
)
SELECT product_id, card, named, rank, listed_at FROM ranked {after}
 ORDER BY named DESC, rank DESC, listed_at DESC, product_id DESC LIMIT %(limit)s
"""
AFTER_RELEVANCE = """
 WHERE (named, rank, listed_at, product_id)
     < (%(named)s::boolean, %(rank)s::numeric, %(at)s::timestamptz, %(id)s)"""

BY_ORDER = """
SELECT product_id, card, {key} FROM catalog_searchentry
 WHERE {where} {after} ORDER BY {key} {direction}, product_id {direction} LIMIT %(limit)s
"""
AFTER_ORDER = " AND ({key}, product_id) {beyond} (%(key)s::{kind}, %(id)s)"

# The saved searches whose words a product's entry has; their facets are compared by the caller.
SEARCHES_FITTING = """
SELECT saved.id, saved.facets
  FROM catalog_savedsearch saved, catalog_searchentry entry
 WHERE entry.product_id = %(product)s AND saved.id > %(after)s
   AND (saved.terms = '' OR entry.text_terms @@ saved.terms::tsquery)
 ORDER BY saved.id LIMIT %(limit)s
"""
